extension ModelConfiguration {
  /// Every tensor of a model with `head`, or of the bare body, once. The order is that of PyTorch's
  /// `named_parameters`; only tied tensors, which PyTorch does not list, are added at the end.
  package func parameters(head: ModelHead? = nil) -> [Parameter] {
    embeddings + (0..<layerCount).flatMap(layer) + (head.map(parameters(of:)) ?? [])
  }

  /// The tensors of a head alone. That of a sequence classifier includes BERT's pooler, which
  /// transformers counts among the body.
  package func parameters(of head: ModelHead) -> [Parameter] {
    switch head {
    case .sequenceClassification: pooler + classifier(outputs: labels.count)
    case .multipleChoice: pooler + classifier(outputs: 1)
    case .tokenClassification: classifier(outputs: labels.count)
    case .questionAnswering:
      Parameter.linear(Architecture.questionLayer, inputs: hiddenSize, outputs: 2)
    case .maskedLanguage: maskedLanguageHead
    }
  }

  /// The tensors of all heads by name.
  var parametersOfHeads: [String: Parameter] {
    Dictionary(
      ModelHead.allCases.flatMap(parameters(of:)).map { ($0.name, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  private var embeddings: [Parameter] {
    func table(_ name: String, rows: Int) -> Parameter {
      .embedding(name, rows: rows, columns: hiddenSize)
    }
    return [table(Architecture.wordEmbeddings, rows: vocabularySize)]
      + [table(Architecture.positionEmbeddings, rows: maxPositions)]
      + (typeVocabularySize > 0
        ? [table(Architecture.typeEmbeddings, rows: typeVocabularySize)] : [])
      + Parameter.norm(Architecture.embeddingNorm, size: hiddenSize)
  }

  private func layer(_ index: Int) -> [Parameter] {
    let prefix = architecture.layer(index)
    func linear(_ linear: LinearName) -> [Parameter] {
      let (inputs, outputs) = linear.size(self)
      return architecture.parts(of: linear).flatMap {
        Parameter.linear(prefix + $0, inputs: inputs, outputs: outputs)
      }
    }
    let attention =
      linear(.queryKeyValue) + linear(.attentionOutput)
      + Parameter.norm(prefix + architecture.attentionNorm, size: hiddenSize)
    let feedForward =
      linear(.lin1) + linear(.lin2)
      + Parameter.norm(prefix + architecture.outputNorm, size: hiddenSize)
    return (attention + feedForward).map { parameter in
      var parameter = parameter
      parameter.layer = index
      return parameter
    }
  }

  private var pooler: [Parameter] {
    Parameter.linear(architecture.pooler, inputs: hiddenSize, outputs: hiddenSize)
  }

  private func classifier(outputs: Int) -> [Parameter] {
    Parameter.linear(Architecture.classifier, inputs: hiddenSize, outputs: outputs)
  }

  private var maskedLanguageHead: [Parameter] {
    let names = architecture.maskedLanguageHead
    var projector = Parameter.linear(names.projector, inputs: hiddenSize, outputs: vocabularySize)
    projector[0].tiedTo = tiesWordEmbeddings ? Architecture.wordEmbeddings + ".weight" : nil
    projector[1].tiedTo = names.tiedBias
    return Parameter.linear(names.transform, inputs: hiddenSize, outputs: hiddenSize)
      + Parameter.norm(names.norm, size: hiddenSize) + projector
  }
}
