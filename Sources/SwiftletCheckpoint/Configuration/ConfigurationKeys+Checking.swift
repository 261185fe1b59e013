extension ConfigurationKeys {
  func configuration(
    labelled: Bool
  ) throws(CheckpointError) -> ModelConfiguration {
    let architecture = try self.architecture()
    if hasPrunedHeads { throw .prunedHeads(path: path) }
    if isQuantized, quantizationMethod != QuantizedFormat.name {
      throw .unsupportedQuantization(path: path, method: quantizationMethod)
    }
    let names = architecture.keys
    var result = ModelConfiguration(architecture)
    result.vocabularySize = try size(["vocab_size"], default: result.vocabularySize)
    result.hiddenSize = try size(names.hiddenSize, default: result.hiddenSize)
    result.layerCount = try size(names.layerCount, default: result.layerCount, limit: 1000)
    result.headCount = try size(names.headCount, default: result.headCount)
    result.intermediateSize = try size(names.intermediateSize, default: result.intermediateSize)
    result.maxPositions = try size(
      ["max_position_embeddings"], default: result.maxPositions)
    guard result.hiddenSize % result.headCount == 0 else {
      throw invalid(
        "\"\(names.hiddenSize[0])\" is \(result.hiddenSize), which \(result.headCount) heads "
          + "(\"\(names.headCount[0])\") do not divide")
    }
    if architecture == .bert { try readWhatBERTAdds(into: &result) }
    if let activation = strings[names.activation] {
      guard let known = HiddenActivation(name: activation) else {
        throw invalid("Swiftlet knows no \"\(names.activation)\" of the name \"\(activation)\"")
      }
      result.activation = known
    }
    if labelled {
      result.problemType = try knownProblemType()
      result.labels = try orderedLabels()
      // `label2id` counts as different if it leaves labels out.
      let same =
        [0, result.labels.count].contains(labelIDs.count)
        && labelIDs.allSatisfy { labelID in
          result.labels.indices.contains(labelID.id) && result.labels[labelID.id] == labelID.label
        }
      result.labelIDs = same ? [] : labelIDs
    }
    result.architectures = architectures
    result.dropout = DropoutRates(architecture) { trainingNumbers[$0] }
    result.initializerRange = trainingNumbers["initializer_range"] ?? result.initializerRange
    if let id = trainingNumbers["pad_token_id"].flatMap({ Int(exactly: $0) }) {
      result.paddingID = id
    }
    result.tiesWordEmbeddings = flags["tie_word_embeddings"] ?? true
    return result
  }

  /// From `model_type`, which the first releases did not write; otherwise from the name of the class, or
  /// from a key that only BERT has.
  private func architecture() throws(CheckpointError) -> Architecture {
    if let modelType {
      guard let known = Architecture(rawValue: modelType) else {
        throw .unsupportedArchitecture(path: path, found: modelType)
      }
      return known
    }
    guard let name = architectures.first else {
      return integers["intermediate_size"] == nil ? .distilBERT : .bert
    }
    if name.hasPrefix("DistilBert") { return .distilBERT }
    guard name.hasPrefix("Bert") else { throw .unsupportedArchitecture(path: path, found: name) }
    return .bert
  }

  private func readWhatBERTAdds(
    into result: inout ModelConfiguration
  ) throws(CheckpointError) {
    result.typeVocabularySize = try size(["type_vocab_size"], default: result.typeVocabularySize)
    if let normEpsilon {
      guard (0...1).contains(normEpsilon) else {
        throw invalid("\"layer_norm_eps\" is \(normEpsilon); it must be between 0 and 1")
      }
      result.normEpsilon = Float(normEpsilon)
    }
    if let positions = strings["position_embedding_type"], positions != "absolute" {
      throw .unsupportedFeature(
        path: path, key: "position_embedding_type", found: "\"\(positions)\"",
        supported: "\"absolute\"")
    }
    for key in ["is_decoder", "add_cross_attention"] where flags[key] == true {
      throw .unsupportedFeature(
        path: path, key: key, found: "true", supported: "encoders, where it is false")
    }
  }

  private func knownProblemType() throws(CheckpointError) -> ProblemType? {
    guard let problemType else { return nil }
    guard let known = ProblemType(rawValue: problemType) else {
      throw invalid(
        "\"problem_type\" is \"\(problemType)\"; it may be "
          + ProblemType.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
    }
    return known
  }

  /// The size under one of its names: positive, and small enough that the product of two does not
  /// overflow.
  private func size(
    _ names: [String], default fallback: Int, limit: Int = 1 << 28
  ) throws(CheckpointError) -> Int {
    let given = names.compactMap { name in integers[name].map { (name, $0) } }
    guard let (name, value) = given.first else { return fallback }
    if let (other, otherValue) = given.last, otherValue != value {
      throw invalid("\"\(name)\" is \(value), but \"\(other)\" is \(otherValue)")
    }
    guard (1...limit).contains(value) else {
      throw invalid("\"\(name)\" is \(value); it must be between 1 and \(limit)")
    }
    return value
  }

  /// The labels in the order of their numbers, which JSON has as strings: "10" follows "9".
  private func orderedLabels() throws(CheckpointError) -> [String] {
    let count = integers["num_labels"]
    if let count, !(1...1_000_000).contains(count) {
      throw invalid("\"num_labels\" is \(count); it must be between 1 and 1000000")
    }
    guard let labels, !labels.isEmpty else {
      return (0..<(count ?? 2)).map { "LABEL_\($0)" }
    }
    if let count, count != labels.count {
      throw invalid("\"num_labels\" is \(count), but \"id2label\" names \(labels.count) labels")
    }
    var ordered = [String?](repeating: nil, count: labels.count)
    for (key, label) in labels {
      guard let index = Int(key), ordered.indices.contains(index), ordered[index] == nil else {
        throw invalid(
          "\"id2label\" has \(labels.count) labels, which must be numbered from 0 to "
            + "\(labels.count - 1), each once; it has the number \"\(key)\"")
      }
      ordered[index] = label
    }
    return ordered.compactMap(\.self)
  }

  private func invalid(_ reason: String) -> CheckpointError {
    .invalidConfiguration(path: path, reason: reason)
  }
}
