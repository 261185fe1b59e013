package import SwiftletCheckpoint
import SwiftletSafetensors
import SwiftletSystem

/// A model whose training has ended: what it is, and where the values of its tensors are read.
package struct TrainedModel: Sendable {
  /// The folder of the model that was trained.
  package let base: String
  /// The base's configuration, with the labels and the problem type of the new head.
  package let configuration: ModelConfiguration
  /// Nil for a sentence model, which is the bare body.
  package let head: ModelHead?
  /// The parameters of a sentence model's dense layer, whose module has its own folder; empty without one.
  package let denseParameters: [Parameter]
  /// Writes the values of a parameter, row-major, to memory for all of its elements. Called once for each
  /// parameter of the configuration that is not a copy of another, and of the dense layer.
  package let read: @Sendable (Parameter, UnsafeMutablePointer<Float>) -> Void

  package init(
    base: String, configuration: ModelConfiguration, head: ModelHead?,
    denseParameters: [Parameter] = [],
    read: @escaping @Sendable (Parameter, UnsafeMutablePointer<Float>) -> Void
  ) {
    var configuration = configuration
    configuration.architectures = [configuration.architecture.className(for: head)]
    if head != .sequenceClassification { configuration.problemType = nil }
    (self.base, self.configuration, self.head, self.read) = (base, configuration, head, read)
    self.denseParameters = denseParameters
  }

  /// The tensors as `save_pretrained` names them: the body with its prefix where there is a head.
  var tensors: [SafetensorsWriter.Tensor] {
    let body = Set(configuration.parameters().map(\.name))
    let parameters = configuration.parameters(head: head)
    let names = Set(parameters.map(\.name))
    return parameters.flatMap { parameter in
      let isBody =
        body.contains(parameter.name)
        || configuration.architecture == .bert && parameter.name.hasPrefix("pooler.")
      let prefix = head != nil && isBody ? configuration.architecture.prefix : ""
      return savedNames(of: parameter, among: names).map { tensor(parameter, named: prefix + $0) }
    }
  }

  /// The tensors of the dense layer, as sentence-transformers names them.
  var denseTensors: [SafetensorsWriter.Tensor] {
    denseParameters.map { tensor($0, named: $0.name) }
  }

  /// A tied tensor is saved once; the bias of an untied decoder under both of its names.
  private func savedNames(of parameter: Parameter, among names: Set<String>) -> [String] {
    guard let other = parameter.tiedTo else { return [parameter.name] }
    if names.contains(other) { return [] }
    return configuration.tiesWordEmbeddings ? [other] : [other, parameter.name]
  }

  private func tensor(_ parameter: Parameter, named name: String) -> SafetensorsWriter.Tensor {
    .init(name: name, dataType: .f32, shape: parameter.shape) { [read] sink in
      let count = parameter.shape.reduce(1, *)
      let buffer = try AlignedBuffer<Float>(uninitialized: count, purpose: "writing \(name)")
      read(parameter, buffer.pointer)
      try sink.write(
        UnsafeRawBufferPointer(UnsafeBufferPointer(start: buffer.pointer, count: count)))
    }
  }

  /// The pooler of the base, which transformers keeps in a bare BERT though no sentence model reads it.
  func untrainedTensors(
    of reader: CheckpointReader
  ) -> [SafetensorsWriter.Tensor] {
    guard head == nil, configuration.architecture == .bert else { return [] }
    return ["weight", "bias"].compactMap { part in
      let name = "\(configuration.architecture.pooler).\(part)"
      return reader.resolvedName(name).flatMap { reader.checkpoint.stored($0) }?
        .asFloat32(named: name)
    }
  }
}

extension Architecture {
  /// The class of transformers that has a head, which `architectures` in `config.json` names.
  package func className(for head: ModelHead?) -> String {
    let start = self == .bert ? "Bert" : "DistilBert"
    return switch head {
    case nil: start + "Model"
    case .sequenceClassification: start + "ForSequenceClassification"
    case .multipleChoice: start + "ForMultipleChoice"
    case .tokenClassification: start + "ForTokenClassification"
    case .questionAnswering: start + "ForQuestionAnswering"
    case .maskedLanguage: start + "ForMaskedLM"
    }
  }
}
