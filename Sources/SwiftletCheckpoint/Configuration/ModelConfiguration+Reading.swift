import SwiftletJSON
import SwiftletSystem

extension ModelConfiguration {
  /// Reads `config.json`; contradictions, and sizes that no checkpoint can have, are errors.
  /// What is said of labels is not looked at unless the model is `labelled`.
  package init(path: String, labelled: Bool = true) throws(CheckpointError) {
    let file: FileContents
    do throws(FileError) {
      file = try FileContents(path: path, loading: .read, limit: FileContents.mostOfSettings)
    } catch {
      throw .unreadableConfiguration(path: path, reason: error.reason)
    }
    var keys = ConfigurationKeys()
    do throws(JSONError) {
      try withExtendedLifetime(file) { () throws(JSONError) in
        try keys.read(file.bytes.bindMemory(to: UInt8.self))
      }
    } catch {
      throw .invalidConfiguration(path: path, reason: error.description)
    }
    do throws(CheckpointError.Finding) {
      self = try keys.configuration(labelled: labelled)
    } catch {
      switch error {
      case .invalid(let reason): throw .invalidConfiguration(path: path, reason: reason)
      case .architecture(let found): throw .unsupportedArchitecture(path: path, found: found)
      case .feature(let key, let found, let supported):
        throw .unsupportedFeature(path: path, key: key, found: found, supported: supported)
      case .prunedHeads: throw .prunedHeads(path: path)
      case .quantization(let method): throw .unsupportedQuantization(path: path, method: method)
      }
    }
  }
}
