public import CSwiftlet
import Swiftlet
import SwiftletJSON

/// Writes a model with int8 weights.
@c @implementation
public func swiftlet_quantize(
  _ directory: UnsafePointer<CChar>?, _ output: UnsafePointer<CChar>?,
  _ options: UnsafePointer<CChar>?,
  _ report: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = ReportPlace(report)
    let directory = try InputText.string(directory, name: "directory")
    let output = try InputText.string(output, name: "output")
    var options = try JSONOptions(options)
    let replaces = try options.flag("force")
    let threads = try options.integer("threads")
    try options.finish()
    let result = try Failure.converting { () throws(SwiftletError) in
      try ModelQuantizer.quantize(
        directory: directory, into: output, replacing: replaces, threads: threads)
    }
    place.write(
      .object([
        ("folder", .string(output)), ("original_bytes", .int(result.originalBytes)),
        ("quantized_bytes", .int(result.quantizedBytes)), ("int8_bytes", .int(result.int8Bytes)),
      ]))
  }
}

/// Writes a model as `save_pretrained` does.
@c @implementation
public func swiftlet_convert(
  _ directory: UnsafePointer<CChar>?, _ output: UnsafePointer<CChar>?,
  _ options: UnsafePointer<CChar>?,
  _ report: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = ReportPlace(report)
    let directory = try InputText.string(directory, name: "directory")
    let output = try InputText.string(output, name: "output")
    var options = try JSONOptions(options)
    let floats = try options.choice("dtype", of: ModelConverter.FloatType.self)
    try options.finish()
    let result = try Failure.converting { () throws(SwiftletError) in
      try ModelConverter.convert(directory: directory, into: output, floats: floats)
    }
    place.write(
      .object([
        ("folder", .string(output)),
        ("original_files", .array(result.originalFiles.map(JSONValue.string))),
        ("original_bytes", .int(result.originalBytes)),
        ("converted_bytes", .int(result.convertedBytes)),
      ]))
  }
}

/// Writes a model as ONNX.
@c @implementation
public func swiftlet_export(
  _ directory: UnsafePointer<CChar>?, _ output: UnsafePointer<CChar>?,
  _ options: UnsafePointer<CChar>?,
  _ report: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = ReportPlace(report)
    let directory = try InputText.string(directory, name: "directory")
    let output = try InputText.string(output, name: "output")
    var options = try JSONOptions(options)
    let exported = try ExportOptions(&options)
    let replaces = try options.flag("force")
    try options.finish()
    let result = try Failure.converting { () throws(SwiftletError) in
      try ModelExporter.export(
        directory: directory, into: output, options: exported, replacing: replaces)
    }
    let files = result.files.map { file -> JSONValue in
      .object([("name", .string(file.name)), ("bytes", .int(file.bytes))])
    }
    place.write(
      .object([
        ("folder", .string(output)), ("task", .string(result.task.rawValue)),
        ("files", .array(files)),
      ]))
  }
}

extension ExportOptions {
  /// Takes the options of an export.
  fileprivate init(_ options: inout JSONOptions) throws(Failure) {
    self.init(
      operatorSet: try options.choice("opset", of: OperatorSet.self) ?? .v14,
      quantization: try options.choice("quantize", of: Quantization.self),
      task: try options.choice("task", of: Task.self), linksWeights: try options.flag("link"))
  }
}
