import SwiftletCheckpoint
import SwiftletSystem
import SwiftletTokenizer

/// A file given in place of a model's folder.
struct ForeignFile {
  /// What the file is and what to do.
  let reason: String

  init(_ path: String) {
    let slash = path.lastIndex(of: "/")
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    var folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    if name.hasSuffix(".onnx"), folder.hasSuffix("/onnx") { folder.removeLast("/onnx".count) }
    let bytes = ModelFiles.beginning(of: path, count: 512)
    if let standIn = bytes.withUnsafeBytes({ StandIn($0) }) {
      reason = "cannot read \(path): \(standIn.reason)"
    } else if !Self.isPart(name), let format = ForeignFormats.format(of: name, beginning: bytes) {
      reason = "\(path) is \(format.name), not the folder of a model; \(format.advice(for: path))"
    } else if ForeignFolder.knownWeights.contains(name) || Self.isPart(name) {
      reason = "\(path) is a file of a model; name the folder that it is in: \(folder)"
    } else {
      reason =
        "\(path) is a file; expected the folder of a model, with config.json, model.safetensors and "
        + "a vocabulary"
    }
  }

  private static func isPart(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") || name.hasSuffix(".safetensors.index.json")
      || name == PyTorchCheckpoint.singleName || name == PyTorchCheckpoint.indexName
      || WeightFormat.onnx.fileNames.contains(name)
      || Tokenizer.files.contains(name) || name == "config.json" || name == "modules.json"
  }
}

/// Formats of models that loading neither reads nor explains.
enum ForeignFormats {
  struct Format: Sendable {
    /// The name with its article.
    let name: String
    /// What to do, with FILE for the path.
    private let advice: String

    init(_ name: String, advice: String) {
      self.name = name
      self.advice = advice
    }

    func advice(for path: String) -> String { advice.replacing("FILE", with: path) }
  }

  /// Recognises a format by the suffix of a file's name or by its first bytes; nil if it is
  /// unknown.
  static func format(of name: String, beginning bytes: [UInt8] = []) -> Format? {
    let name = name.lowercased()
    if let format = bySuffix.first(where: { $0.suffixes.contains(where: name.hasSuffix) })?.format {
      return format
    }
    return byBytes.first { beginning in
      let bytes = bytes.dropFirst(beginning.offset)
      return !beginning.bytes.isEmpty && bytes.starts(with: beginning.bytes)
    }?.format
  }

  private static let gguf = Format(
    "a GGUF file of llama.cpp",
    advice:
      "use the original model, with config.json and model.safetensors; \"swiftlet quantize\" "
      + "converts it to int8")
  private static let keras = Format(
    "a Keras model",
    advice:
      "load it in Python with the transformers class that it was made with, and save it with "
      + "save_pretrained")
  private static let pickle = Format(
    "a PyTorch pickle",
    advice:
      "load its weights in Python into the transformers class that it was trained with, and save "
      + "the model and its tokenizer with save_pretrained")
  private static let binary = Format(
    "a weights file of another program",
    advice:
      "use the original model, with config.json and model.safetensors; save_pretrained writes a "
      + "PyTorch model in this format")
  private static let graph = Format(
    "a graph for another engine",
    advice: "use the folder that it was exported from, with config.json and model.safetensors")
  private static let onnx = Format(
    "an ONNX graph",
    advice: "name it model.onnx, in a folder with config.json and the files of the tokenizer")
  private static let zip = Format(
    "a zip archive", advice: "unpack it first: unzip FILE -d model")
  private static let tar = Format(
    "a tar archive", advice: "unpack it first: mkdir model && tar -xf FILE -C model")
  private static let sevenZip = Format(
    "a 7z archive", advice: "unpack it first: 7z x FILE -omodel")

  private static let bySuffix: [(suffixes: [String], format: Format)] = [
    ([".gguf", ".ggml"], gguf),
    ([".keras", ".h5", ".hdf5"], keras),
    ([".pt", ".pth", ".ckpt"], pickle),
    ([".bin"], binary),
    ([".onnx"], onnx),
    ([".tflite", ".engine", ".mlmodel", ".mlpackage", ".mlmodelc"], graph),
    ([".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst"], tar),
    ([".zip", ".mar"], zip),
    ([".7z"], sevenZip),
  ]

  private static let byBytes: [(bytes: [UInt8], offset: Int, format: Format)] = [
    (Array("GGUF".utf8), 0, gguf),
    ([0x89] + Array("HDF".utf8), 0, keras),
    ([0x50, 0x4B, 0x03, 0x04], 0, zip),
    ([0x1F, 0x8B], 0, tar), (Array("BZh".utf8), 0, tar), (Array("ustar".utf8), 257, tar),
    ([0xFD] + Array("7zXZ".utf8), 0, tar), ([0x28, 0xB5, 0x2F, 0xFD], 0, tar),
    ([0x37, 0x7A, 0xBC, 0xAF], 0, sevenZip),
  ]
}
