import SwiftletSafetensors

/// All tensors of a checkpoint by name, without the prefix of the body.
struct TensorValues {
  private(set) var values: [String: [Float]] = [:]

  init(_ directory: String) throws {
    let file = try SafetensorsFile(path: directory + "/model.safetensors")
    for tensor in file.tensors where tensor.dataType == .f32 {
      let name = tensor.name.hasPrefix("bert.") ? String(tensor.name.dropFirst(5)) : tensor.name
      values[name] = try file.floats(tensor.name)
    }
  }
}
