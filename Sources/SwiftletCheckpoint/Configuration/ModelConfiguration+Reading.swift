import SwiftletJSON
import SwiftletSystem

extension ModelConfiguration {
  /// Reads `config.json`. Contradictions and impossible sizes are errors. Labels are ignored unless the
  /// model is `labelled`.
  package init(path: String, labelled: Bool = true) throws(CheckpointError) {
    let file: FileContents
    do throws(FileError) {
      file = try FileContents(path: path, loading: .read, limit: FileContents.maxSettingsBytes)
    } catch {
      throw .unreadableConfiguration(path: path, reason: error.reason)
    }
    var keys = ConfigurationKeys(path: path)
    do throws(JSONError) {
      try withExtendedLifetime(file) { () throws(JSONError) in
        try keys.read(file.bytes.bindMemory(to: UInt8.self))
      }
    } catch {
      throw .invalidConfiguration(path: path, reason: error.description)
    }
    self = try keys.configuration(labelled: labelled)
  }
}
