import SwiftletJSON
import SwiftletSystem

/// Small JSON files: settings of which few keys are read.
extension JSONValue {
  /// Reads the file `name` of a directory; nil if there is none.
  init?(_ name: String, in directory: String) throws(SwiftletError) {
    guard let file = try ModelFiles.contents(of: name, in: directory) else { return nil }
    do throws(JSONError) {
      self = try withExtendedLifetime(file) { () throws(JSONError) in
        try JSONValue(file.bytes.bindMemory(to: UInt8.self), rules: .python)
      }
    } catch {
      throw .invalidModel(reason: "\(file.path) is not usable: \(error.description)")
    }
  }

  /// The member `name`, a whole number from 1 on; nil if it is missing or null.
  func count(_ name: String, _ path: String) throws(SwiftletError) -> Int? {
    guard let value = self[name] else { return nil }
    guard let count = value.int, count >= 1 else {
      let found = String(decoding: value.json, as: UTF8.self)
      throw .invalidModel(
        reason: "\(path): \"\(name)\" is \(found); expected a whole number from 1 on")
    }
    return count
  }
}
