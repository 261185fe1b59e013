import CSwiftlet
import SwiftletJSON

/// Where a call writes its report, a JSON object; the caller may pass NULL.
struct ReportPlace {
  private let place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

  /// Sets the caller's pointer to NULL, in case the call fails.
  init(_ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
    self.place = place
    place?.pointee = nil
  }

  /// Writes the report. JSON escapes NUL, so that the text has none.
  func write(_ report: JSONValue) {
    guard let place else { return }
    let text = Memory.copy(report.json.map { CChar(bitPattern: $0) } + [0])
    place.pointee = UnsafeMutablePointer(mutating: text)
  }
}
