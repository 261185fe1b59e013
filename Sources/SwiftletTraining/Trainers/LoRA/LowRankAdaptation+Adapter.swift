import SwiftletCheckpoint
import SwiftletEncoder

extension LowRankAdaptation {
  /// Returns the matrices, and the layers that were trained as a whole, as peft stores them.
  ///
  /// - Parameters:
  ///   - configuration: Of the trained model.
  ///   - head: The head of transformers; nil for the bare body.
  ///   - others: The tensors that were trained as a whole.
  ///   - base: The path of the base model.
  /// - Returns: The adapter, with the names of a checkpoint of the head.
  func adapter(
    _ configuration: ModelConfiguration, head: ModelHead?, saving others: [TrainedTensor],
    base: String
  ) -> LoRAAdapter {
    let architecture = configuration.architecture
    let isSaved = Set(configuration.parameters(head: head).map(\.name))
    func saved(_ name: String) -> String {
      head == nil || !architecture.isBody(name) ? name : architecture.prefix + name
    }
    var modules: [String] = []
    var tensors: [LoRAAdapter.SavedTensor] = []
    for tensor in others {
      for (index, parameter) in tensor.parameters.enumerated()
      where isSaved.contains(parameter.name) {
        let module = saved(parameter.module)
        if !modules.contains(module) { modules.append(module) }
        tensors.append(
          LoRAAdapter.SavedTensor(
            name: saved(parameter.name), shape: parameter.shape, values: tensor.elements(of: index))
        )
      }
    }
    var adapter = LoRAAdapter(
      rank: rank, alpha: alpha, targetModules: self.modules, savedModules: modules,
      task: head.flatMap(Self.task) ?? (head == nil ? "FEATURE_EXTRACTION" : nil), baseModel: base)
    adapter.layers = layers.map {
      LoRAAdapter.Layer(
        name: saved($0.weight.module), inputs: $0.inputs, outputs: $0.outputs,
        a: $0.a.elements(of: 0), b: $0.b.elements(of: 0))
    }
    adapter.savedTensors = tensors
    return adapter
  }

  /// peft's name of a task; nil where it has none.
  private static func task(_ head: ModelHead) -> String? {
    switch head {
    case .sequenceClassification: "SEQ_CLS"
    case .tokenClassification: "TOKEN_CLS"
    case .questionAnswering: "QUESTION_ANS"
    case .multipleChoice, .maskedLanguage: nil
    }
  }
}

extension TrainedTensor {
  /// The values of a parameter, in the order of a checkpoint.
  func elements(of index: Int) -> [Float] {
    let count = parameters[index].shape.reduce(1, *)
    return [Float](unsafeUninitializedCapacity: count) { buffer, written in
      if let target = buffer.baseAddress { copy(index, from: values, into: target) }
      written = count
    }
  }
}
