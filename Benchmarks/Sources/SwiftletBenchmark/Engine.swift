import Glibc
import Swiftlet
import SwiftletTokenizer

/// Everything that is asked of Swiftlet: what changes in its interface changes here alone.
struct Engine: Sendable {
  private let classifier: Classifier

  /// Loads a model. The instruction set goes through the environment, as users choose it.
  init(model: String, choices: EngineChoices, threads: Int) throws(BenchmarkError) {
    if let isa = choices.instructionSet { setenv("SWIFTLET_ISA", isa.rawValue, 1) }
    let options = ModelOptions(
      gemm: GEMMBackend(choices.products), precision: Swiftlet.Precision(choices.precision),
      threads: threads)
    do throws(SwiftletError) {
      classifier = try Classifier(directory: model, options: options)
    } catch {
      throw .engine(error.description)
    }
  }

  /// The logits of each sequence, on the engine's threads and the calling one.
  func logits(_ sequences: [[Int32]]) throws(BenchmarkError) -> [[Float]] {
    do throws(SwiftletError) {
      return try classifier.logits(ofTokenIDs: sequences)
    } catch {
      throw .engine(error.description)
    }
  }
}

/// Where one model lies in its forms.
struct ModelFolders: Sendable {
  var float32: String
  /// The same model with weights of int8; nil to have them quantised at each load.
  var int8: String?

  func folder(for precision: Precision) -> String {
    precision == .int8 ? int8 ?? float32 : float32
  }

  /// Writes the int8 form of the model in `source`, in place of an older one.
  static func makeInt8(of source: String, into folder: String) throws(BenchmarkError) {
    do throws(SwiftletError) {
      try ModelQuantizer.quantize(directory: source, into: folder, replacing: true)
    } catch {
      throw .engine(error.description)
    }
  }
}

/// Which of its ways the engine takes.
struct EngineChoices: Sendable, Codable, Equatable {
  /// nil leaves it to the engine.
  var instructionSet: InstructionSet?
  var precision = Precision.float32
  var products = Products.automatic
}

/// Who multiplies matrices; `SWIFTLET_GEMM`
enum Products: String, CaseIterable, Codable, Sendable {
  case automatic, native, cblas
}

extension GEMMBackend {
  init(_ products: Products) {
    switch products {
    case .automatic: self = .automatic
    case .native: self = .native
    case .cblas: self = .cblas
    }
  }
}

/// `SWIFTLET_ISA`
enum InstructionSet: String, CaseIterable, Codable, Sendable {
  case avx512bf16, avx512, avx2, baseline

  /// Whether there are kernels for a precision.
  func supports(_ precision: Precision) -> Bool { precision != .bfloat16 || self == .avx512bf16 }
}

/// What the matrix products compute with.
enum Precision: String, CaseIterable, Codable, Sendable {
  case float32, bfloat16, int8
}

extension Swiftlet.Precision {
  init(_ precision: Precision) {
    switch precision {
    case .float32: self = .float32
    case .bfloat16: self = .bfloat16
    case .int8: self = .int8
    }
  }
}

/// The tokenizer of a model's directory.
struct TextEncoder {
  private let tokenizer: Tokenizer
  private var ids: [Int32] = []

  init(model: String) throws(BenchmarkError) {
    do throws(TokenizerError) {
      tokenizer = try Tokenizer(directory: model)
    } catch {
      throw .engine(error.description)
    }
  }

  /// The number of tokens, encoded into memory that is kept.
  mutating func tokenCount(_ text: String) -> Int {
    ids.removeAll(keepingCapacity: true)
    return tokenizer.encode(text, into: &ids)
  }

  /// The number of tokens of all texts, each with ids, offsets and all else that an encoding has.
  func tokenCount(batch texts: [String], threads: Int) -> Int {
    tokenizer.encodeBatch(texts, threads: threads).reduce(0) { $0 + $1.count }
  }
}
