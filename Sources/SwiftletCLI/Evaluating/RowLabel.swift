import SwiftletJSON
import SwiftletRecords

/// The labels of a row as the file has them.
enum RowLabel {
  case text(String)
  case list([String])

  /// Reads a kept column; nil for null, which a missing key is too.
  init?(_ column: RecordColumn) {
    switch column.value {
    case .text(let label): self = .text(label)
    case .json(let json): self.init(json: json)
    }
  }

  private init?(json: String) {
    let value = try? Array(json.utf8).withUnsafeBufferPointer { (bytes) throws(JSONError) in
      try JSONValue(bytes, rules: .python)
    }
    guard let value else { return nil }
    if case .array(let elements) = value {
      self = .list(elements.map { $0.string ?? String(decoding: $0.json, as: UTF8.self) })
    } else if case .null = value {
      return nil
    } else {
      self = .text(json)
    }
  }

  var shown: String {
    switch self {
    case .text(let label): label
    case .list(let labels): labels.joined(separator: ", ")
    }
  }
}
