import SwiftletCheckpoint
import SwiftletJSON

/// Writes the `config.json` of a quantised model: the original with a `quantization_config`,
/// because of which other programs do not misread the weights.
enum QuantizedConfiguration {
  private static let key = "quantization_config"
  private static let value =
    #"{"quant_method": "\#(QuantizedFormat.name)", "bits": 8, "#
    + #""version": \#(QuantizedFormat.version.rawValue)}"#

  static func text(
    from bytes: UnsafeBufferPointer<UInt8>, path: String
  ) throws(SwiftletError) -> [UInt8] {
    do throws(JSONError) {
      var members = try JSONValue.rawMembers(of: bytes).filter { $0.key != key }
      members.append((key, .raw(Array(value.utf8))))
      return JSONValue.object(members).document
    } catch {
      throw .invalidModel(reason: "\(path) is not a valid configuration: \(error.description)")
    }
  }
}
