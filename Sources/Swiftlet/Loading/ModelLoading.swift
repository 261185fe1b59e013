import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem
import SwiftletTokenizer

/// The steps of loading a model.
enum ModelLoading {
  /// The memory that settings and the tokenizer need in Swift objects, which can't report a
  /// refusal.
  private static let settingsBytes = 16 << 20

  /// Checks the memory for settings before anything is read.
  static func checkMemory() throws(SwiftletError) {
    do throws(MemoryError) {
      try MemoryReserve.check(settingsBytes, for: "the settings and the tokenizer of the model")
    } catch {
      throw SwiftletError(error)
    }
  }

  /// Returns the requested number of threads, or the number of processors that the process may use.
  static func threadCount(_ wanted: Int?) throws(SwiftletError) -> Int {
    let count: Int
    do throws(KernelsError) {
      count = if let wanted { wanted } else { try ProcessorCount.available() }
    } catch {
      throw SwiftletError(error)
    }
    guard (1...4096).contains(count) else {
      throw .invalidOption(reason: "threads is \(count); it must be between 1 and 4096")
    }
    return count
  }

  /// Reads `config.json`; with `labelled` false, errors in its labels are ignored.
  static func configuration(
    in directory: String, labelled: Bool = true
  ) throws(SwiftletError) -> ModelConfiguration {
    try checkMemory()
    try ModelFiles.check(directory)
    do throws(CheckpointError) {
      return try ModelConfiguration(
        path: ModelFiles.path("config.json", in: directory), labelled: labelled)
    } catch {
      throw SwiftletError(error)
    }
  }

  /// Loads the tokenizer of a model's directory.
  static func tokenizer(in directory: String) throws(SwiftletError) -> Tokenizer {
    try tokenizer(directory, modelDirectory: directory)
  }

  /// Loads the tokenizer of a model whose files may be in several folders.
  static func tokenizer(
    of folder: ModelFolder, _ overrides: TokenizerOverrides = TokenizerOverrides()
  ) throws(SwiftletError) -> Tokenizer {
    try tokenizer(folder.tokenizer, modelDirectory: folder.transformer, overrides)
  }

  private static func tokenizer(
    _ directory: String, modelDirectory: String,
    _ overrides: TokenizerOverrides = TokenizerOverrides()
  ) throws(SwiftletError) -> Tokenizer {
    do throws(TokenizerError) {
      return try Tokenizer(
        directory: directory, modelDirectory: modelDirectory, overrides: overrides)
    } catch {
      throw SwiftletError(error)
    }
  }

  /// Opens the weights of a folder.
  static func checkpoint(
    in folder: ModelFolder, _ options: ModelOptions
  ) throws(SwiftletError) -> CheckpointReader {
    do throws(CheckpointError) {
      return try CheckpointReader(
        model: folder.transformer, loading: options.loading == .read ? .read : .mapped,
        sharesWeights: options.loading == .shared)
    } catch {
      throw SwiftletError(error)
    }
  }

  static func kernels(
    _ options: ModelOptions, isQuantized: Bool
  ) throws(CheckpointError) -> Kernels {
    let precision = options.precision ?? (isQuantized ? .int8 : .float32)
    do throws(KernelsError) {
      return try Kernels(
        backend: SwiftletRuntime.GEMMBackend(options.gemm),
        precision: SwiftletRuntime.Precision(precision))
    } catch {
      throw .kernels(reason: error.description)
    }
  }
}

extension SwiftletRuntime.GEMMBackend {
  init(_ backend: Swiftlet.GEMMBackend) {
    switch backend {
    case .automatic: self = .automatic
    case .native: self = .native
    case .cblas: self = .cblas
    }
  }
}

extension SwiftletRuntime.Precision {
  init(_ precision: Swiftlet.Precision) {
    switch precision {
    case .float32: self = .float32
    case .bfloat16: self = .bfloat16
    case .int8: self = .int8
    }
  }
}

extension Swiftlet.Precision {
  init(_ precision: SwiftletRuntime.Precision) {
    switch precision {
    case .float32: self = .float32
    case .bfloat16: self = .bfloat16
    case .int8: self = .int8
    }
  }
}
