import Glibc
import SwiftletCheckpoint
import SwiftletONNX
import SwiftletRecords
import SwiftletSafetensors
import SwiftletTokenizer

/// A parser under test: it may refuse any bytes and must not trap; accepted input must be consistent.
enum FuzzTarget: String, CaseIterable {
  case safetensors
  case quantized
  case pytorch
  case tokenizer
  case vocabulary
  case configuration
  case text
  case records
  case onnx

  func run(_ bytes: [UInt8]) {
    switch self {
    case .safetensors: Self.readSafetensors(bytes)
    case .quantized: Self.readQuantized(bytes)
    case .pytorch: Self.readPyTorch(bytes)
    case .tokenizer:
      if let tokenizer = try? Tokenizer(tokenizerJSON: bytes) { Self.use(tokenizer) }
    case .vocabulary:
      Scratch.vocabulary.write(bytes)
      if let tokenizer = try? Tokenizer(vocabularyFile: Scratch.vocabulary.path) {
        Self.use(tokenizer)
      }
    case .configuration:
      Scratch.configuration.write(bytes)
      if let found = try? ModelConfiguration(path: Scratch.configuration.path) {
        precondition(found.hiddenSize > 0 && found.layerCount >= 0)
      }
    case .text: Self.encode(bytes)
    case .records:
      Scratch.records.write(Array(bytes.dropFirst()))
      Self.readRecords(choices: bytes.first ?? 0)
    case .onnx:
      Scratch.graph.write(bytes)
      Self.readGraph()
    }
  }

  /// A graph is an error or the model of a corpus file, all of whose numbers can be read.
  private static func readGraph() {
    guard let graph = try? StoredGraph(path: Scratch.graph.path) else { return }
    for architecture in Architecture.allCases {
      do throws(ONNXImportError) {
        let tensors = try ImportedTensors(RecoveredModel(graph, tinyModel(architecture)))
        var sum: UInt8 = 0
        for info in tensors.tensors {
          guard let tensor = tensors.stored(info.name) else { preconditionFailure(info.name) }
          for byte in tensor.bytes { sum &+= byte }
        }
        withExtendedLifetime(sum) {}
      } catch {
        precondition(!error.description.isEmpty)
      }
    }
  }

  /// The first byte says how the file is read: its low half the format and the encoding, its high
  /// half the dialect of a table, or the keys of objects.
  private static func readRecords(choices: UInt8) {
    let formats = [RecordFormat.lines, .csv, .tsv, .jsonLines, .json]
    let format = formats[Int(choices & 0x0F) % formats.count]
    let encodings = [nil, TextEncoding.cp1252, .utf16LittleEndian, .utf16]
    var dialect = DialectChoice(encoding: encodings[Int(choices & 0x0F) / formats.count])
    var columns = ColumnChoice(text: format == .lines ? nil : "1")
    if format != .lines, choices & 0x80 != 0 { columns.kept = .all }
    if format == .json || format == .jsonLines, choices & 0x40 != 0 {
      (columns.text, columns.id) = ("a.b", "a.c.d")
    }
    if choices & 0x10 != 0 { dialect.quoting = choices & 0x20 != 0 ? .double : TableQuoting.none }
    if choices & 0x40 != 0 { dialect.escape = .byte(UInt8(ascii: "\\")) }
    if choices & 0x80 != 0 { dialect.separator = UInt8(ascii: ";") }
    do throws(RecordError) {
      let reader = try RecordReader(
        path: Scratch.records.path, format: format, dialect: dialect,
        columns: columns, recordLimit: 4096)
      var last = 0
      while let record = try reader.next() {
        precondition(record.number > last && record.text.utf8.count <= 3 * 4096)
        last = record.number
      }
      precondition(reader.bytesRead == reader.totalBytes)
      _ = (reader.takeNotes(), reader.closingNotes)
    } catch {
      precondition(!error.description.isEmpty)
    }
  }

  /// Every byte of every tensor of the header can be read.
  private static func readSafetensors(_ bytes: [UInt8]) {
    guard let file = try? SafetensorsFile(bytes: bytes) else { return }
    var sum: UInt8 = 0
    for tensor in file.tensors {
      try? file.withBytes(of: tensor.name) { bytes in
        for byte in bytes { sum &+= byte }
      }
    }
    withExtendedLifetime(sum) {}
  }

  /// A file in the int8 format is an error, or the tiny model of the corpus with finite embeddings.
  private static func readQuantized(_ bytes: [UInt8]) {
    guard let file = try? SafetensorsFile(bytes: bytes) else { return }
    let configuration = tinyModel(.distilBERT)
    do throws(CheckpointError) {
      let reader = try CheckpointReader(tensors: OneFile(file: file), directory: "model")
      guard reader.isQuantized else { return }
      let parameters = configuration.parameters(head: .maskedLanguage).filter { !$0.isQuantized }
      let shape = [configuration.vocabularySize, configuration.hiddenSize]
      try reader.check(parameters, QuantizedFormat.layers(configuration))
      guard reader.quantization == .two else { return }
      var row = [Float](repeating: 0, count: shape[0] * shape[1])
      try reader.wordTable(shape: shape).readFloats(0..<shape[0], into: &row)
      precondition(row.allSatisfy { !$0.isNaN })
    } catch {
      precondition(!error.description.isEmpty)
    }
  }

  /// The sizes of the models in the corpus.
  private static func tinyModel(_ architecture: Architecture) -> ModelConfiguration {
    var configuration = ModelConfiguration(architecture)
    (configuration.vocabularySize, configuration.maxPositions) = (8, 5)
    (configuration.hiddenSize, configuration.intermediateSize) = (4, 3)
    (configuration.layerCount, configuration.headCount) = (1, 2)
    return configuration
  }

  /// Every byte of every tensor can be read.
  private static func readPyTorch(_ bytes: [UInt8]) {
    do throws(PyTorchError) {
      let file = try PyTorchFile(bytes: bytes)
      var sum: UInt8 = 0
      for tensor in try file.storedTensors() {
        for byte in tensor.bytes { sum &+= byte }
      }
      precondition(file.descriptions.count <= bytes.count)
      withExtendedLifetime(sum) {}
    } catch {
      precondition(!error.description.isEmpty)
    }
  }

  private static let samples = [
    "", "Foo bar [MASK] naïve 東京 text", "e\u{301}\u{302E} a ab ##abc", "ﬁ İ①",
  ]

  private static func use(_ tokenizer: Tokenizer) {
    for text in samples {
      let encoding = tokenizer.encode(text, pair: text, options: tokenizer.storedOptions)
      _ = tokenizer.decode(encoding.ids, skipSpecialTokens: false)
      check(tokenizer, text, maxLength: 5, stride: 1)
    }
  }

  private static let bundled = try? Tokenizer(directory: "weights/sentiment")

  /// The first two bytes say how long windows are, the rest is the text.
  private static func encode(_ bytes: [UInt8]) {
    guard let tokenizer = bundled else { preconditionFailure("run in the repository's folder") }
    let text = String(decoding: bytes.dropFirst(2), as: UTF8.self)
    check(
      tokenizer, text, maxLength: Int(bytes.first ?? 0), stride: Int(bytes.dropFirst().first ?? 0))
  }

  /// Offsets name the tokens' texts, the windows hold all tokens, and ids alone are the same.
  private static func check(_ tokenizer: Tokenizer, _ text: String, maxLength: Int, stride: Int) {
    let encoding = tokenizer.encode(text)
    for offsets in encoding.offsets { precondition(offsets.upperBound <= text.utf8.count) }
    for unit in [Encoding.OffsetUnit.unicodeScalars, .utf16] {
      precondition(encoding.offsets(in: unit, of: text).count == encoding.count)
    }
    var ids: [Int32] = []
    let count = tokenizer.encode(text, into: &ids)
    precondition(ids == encoding.ids && count == ids.count)
    let options = EncodingOptions(maxLength: maxLength, stride: stride)
    guard let windows = try? tokenizer.windows(text, options: options) else { return }
    for window in windows.prefix(50) { precondition(window.count <= maxLength) }
    precondition(windows.first == tokenizer.encode(text, options: options))
    _ = tokenizer.decode(ids)
  }
}

/// A checkpoint in memory.
private struct OneFile: TensorSource {
  let file: SafetensorsFile

  var tensors: [TensorInfo] { file.tensors }
  var metadata: [String: String] { file.metadata }
  var paths: [String] { [] }

  func tensor(_ name: String) -> TensorInfo? { file.tensor(name) }
  func stored(_ name: String) -> StoredTensor? { file.stored(name) }
  func releaseMappedPages() {}
}

/// A file for parsers that only read files.
private struct Scratch {
  static let vocabulary = Scratch(name: "vocab.txt")
  static let configuration = Scratch(name: "config.json")
  static let records = Scratch(name: "records.txt")
  static let graph = Scratch(name: "model.onnx")

  let path: String

  private init(name: String) {
    let folder = getenv("FUZZ_SCRATCH").map { String(cString: $0) } ?? "."
    path = "\(folder)/\(getpid())-\(name)"
  }

  func write(_ bytes: [UInt8]) {
    guard let file = fopen(path, "w") else { preconditionFailure("cannot write \(path)") }
    bytes.withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, file) }
    fclose(file)
  }
}
