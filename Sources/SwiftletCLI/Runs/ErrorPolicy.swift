import ArgumentParser
import SwiftletRecords

/// `--on-error`: what happens to a row that can't be read, or whose text the model refuses.
enum ErrorPolicy: String, CaseIterable, ExpressibleByArgument {
  /// The run ends.
  case stop
  /// The row is left out of the output.
  case skip
  /// The row is written without an answer.
  case null
}

extension RecordError {
  /// The description without the place in `file` that precedes it.
  func reason(in file: String) -> String {
    let place = line.map { "\(file):\($0): " } ?? "\(file): "
    return description.hasPrefix(place) ? String(description.dropFirst(place.count)) : description
  }
}
