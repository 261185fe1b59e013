import SwiftletSystem

/// Writes a model to an ONNX file, and its large tensors to another one if it exceeds the limit.
struct ModelFileWriter {
  let path: String
  let maxFileBytes: Int

  /// Smaller tensors stay in the ONNX file.
  private static let minExternalBytes = 1024
  /// What ONNX recommends for tensors that are mapped.
  private static let alignment = 4096

  /// Returns the names of the written files.
  func write(_ model: ModelMessage) throws(ONNXExportError) -> [String] {
    let whole = model.encoded
    guard whole.byteCount > maxFileBytes else {
      try write(whole, to: path)
      return [name]
    }
    var model = model
    let data = moveWeights(of: &model)
    try write(data, to: path + "_data")
    try write(model.encoded, to: path)
    return [name, name + "_data"]
  }

  private var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// Replaces the large tensors by places in another file; returns the contents of that file.
  private func moveWeights(of model: inout ModelMessage) -> ProtobufStream {
    var data = ProtobufStream()
    for index in model.tensors.indices {
      guard case .payload(let payload) = model.tensors[index].content,
        payload.byteCount >= Self.minExternalBytes
      else { continue }
      let padding = (Self.alignment - data.byteCount % Self.alignment) % Self.alignment
      data.append([UInt8](repeating: 0, count: padding))
      model.tensors[index].content = .external(
        ExternalPlace(
          location: name + "_data", offset: data.byteCount, byteCount: payload.byteCount))
      data.append(payload)
    }
    return data
  }

  private func write(_ content: ProtobufStream, to path: String) throws(ONNXExportError) {
    do {
      let file = try StagedFile(replacing: path)
      var written = 0
      try content.write(
        to: ByteSink { (bytes) throws(ONNXExportError) in
          written += bytes.count
          do throws(FileError) { try file.write(bytes) } catch {
            throw .unwritable(reason: error.description)
          }
        })
      requirePrecondition(
        written == content.byteCount, "\(written) bytes of \(content.byteCount) announced")
      try file.commit()
    } catch let error as FileError {
      throw .unwritable(reason: error.description)
    } catch let error as ONNXExportError {
      throw error
    } catch {
      throw .unwritable(reason: "\(error)")
    }
  }
}
