import SwiftletONNX

/// How ``ModelExporter`` writes a model.
public struct ExportOptions: Sendable, Equatable {
  /// The version of ONNX's operators.
  public var operatorSet = OperatorSet.v14
  /// The form of the int8 graph that is written besides that of float32; nil for none.
  public var quantization: Quantization?
  /// The task of the graph; nil for the model's main task.
  public var task: Task?
  /// Whether the graph has no weights of its own, but links to those of `model.safetensors`.
  public var linksWeights = false

  /// Creates options; each has a default.
  public init(
    operatorSet: OperatorSet = .v14, quantization: Quantization? = nil, task: Task? = nil,
    linksWeights: Bool = false
  ) {
    self.operatorSet = operatorSet
    self.quantization = quantization
    self.task = task
    self.linksWeights = linksWeights
  }

  /// The version of ONNX's operators, which decides the oldest ONNX Runtime that runs the graph.
  public enum OperatorSet: Int, CaseIterable, Sendable {
    /// ONNX Runtime 1.9 and newer.
    case v14 = 14
    /// ONNX Runtime 1.12 and newer: layer normalisation is one operator.
    case v17 = 17
    /// ONNX Runtime 1.17 and newer: GELU too.
    case v20 = 20
  }

  /// The forms of an int8 graph.
  public enum Quantization: String, CaseIterable, Sendable {
    /// The form of ONNX Runtime's `quantize_dynamic`: the smallest file, with one scale for the
    /// activations of a call.
    case dynamic
    /// The integers of ``Precision/int8`` from standard operators: to verify answers, not to be
    /// fast.
    case exact
  }

  /// The task of a graph; the raw values are the names of the Hugging Face Hub.
  public enum Task: String, CaseIterable, Sendable {
    case textClassification = "text-classification"
    case tokenClassification = "token-classification"
    case questionAnswering = "question-answering"
    case fillMask = "fill-mask"
    case multipleChoice = "multiple-choice"
    /// The hidden rows of the encoder, and the embedding of a sentence-transformers model.
    case featureExtraction = "feature-extraction"

    /// The task of the engine.
    var modelTask: ModelTask {
      switch self {
      case .textClassification: .textClassification
      case .tokenClassification: .tokenClassification
      case .questionAnswering: .questionAnswering
      case .fillMask: .fillMask
      case .multipleChoice: .multipleChoice
      case .featureExtraction: .embedding
      }
    }
  }
}

/// What ``ModelExporter`` wrote.
public struct ExportResult: Sendable, Equatable {
  /// An ONNX file, or the file of its weights.
  public struct File: Sendable, Equatable {
    /// The path relative to the folder.
    public let name: String
    /// The size.
    public let bytes: Int

    /// Creates a result from its parts, for tests of code that uses it.
    public init(name: String, bytes: Int) {
      self.name = name
      self.bytes = bytes
    }
  }

  /// The task of the graphs.
  public let task: ExportOptions.Task
  /// The ONNX files and the files of their weights, in the order of writing.
  public let files: [File]

  /// Creates a result from its parts, for tests of code that uses it.
  public init(task: ExportOptions.Task, files: [File]) {
    self.task = task
    self.files = files
  }
}

extension ExportOptions.Task {
  /// The task of a graph for a task of the engine.
  init(_ task: ModelTask) {
    let head = task.head
    self = Self.allCases.first { $0.modelTask == head } ?? .featureExtraction
  }
}

extension SwiftletONNX.OperatorSet {
  init(_ set: ExportOptions.OperatorSet) {
    switch set {
    case .v14: self = .v14
    case .v17: self = .v17
    case .v20: self = .v20
    }
  }
}

extension ONNXQuantization {
  init(_ form: ExportOptions.Quantization) {
    switch form {
    case .dynamic: self = .dynamic
    case .exact: self = .exact
    }
  }
}
