import SwiftletJSON
import SwiftletKernelCore
import SwiftletMemory

extension ModelConfiguration {
  /// Reads `config.json`; contradictions, and sizes that no checkpoint can have, are errors.
  package init(path: String) throws(EncoderError) {
    let file: FileContents
    do throws(FileError) {
      file = try FileContents(path: path, loading: .read)
    } catch {
      throw .unreadableConfiguration(path: path, reason: error.reason)
    }
    var keys = ConfigurationKeys()
    do throws(JSONError) {
      try withExtendedLifetime(file) { () throws(JSONError) in
        try keys.read(file.bytes.bindMemory(to: UInt8.self))
      }
    } catch {
      throw .invalidConfiguration(path: path, reason: error.description)
    }
    do throws(EncoderError.Finding) {
      self = try keys.configuration()
    } catch {
      switch error {
      case .invalid(let reason): throw .invalidConfiguration(path: path, reason: reason)
      case .architecture(let found): throw .unsupportedArchitecture(path: path, found: found)
      case .prunedHeads: throw .prunedHeads(path: path)
      case .quantization(let method): throw .unsupportedQuantization(path: path, method: method)
      }
    }
  }
}

extension EncoderError {
  /// What is wrong with a configuration, before it is known where it stands.
  fileprivate enum Finding: Error {
    case invalid(String)
    case architecture(String)
    case prunedHeads
    case quantization(String?)
  }
}

/// The keys of a `config.json` that matter, as they stand; `null` counts as absent.
private struct ConfigurationKeys {
  var modelType: String?
  var integers: [String: Int] = [:]
  var activation: String?
  var problemType: String?
  var architectures: [String] = []
  var labels: [(key: String, label: String)]?
  var hasPrunedHeads = false
  var isQuantized = false
  var quantizationMethod: String?

  mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    var reader = try JSONReader(bytes)
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      let name = key.string
      if try reader.readNull() { continue }
      try readValue(of: name, &reader)
    }
    try reader.finish()
  }

  private mutating func readValue(
    of name: String, _ reader: inout JSONReader
  ) throws(JSONError) {
    switch name {
    case "vocab_size", "dim", "hidden_size", "n_layers", "num_hidden_layers", "n_heads",
      "num_attention_heads", "hidden_dim", "max_position_embeddings", "num_labels":
      integers[name] = try reader.readInt()
    case "model_type": modelType = try reader.readString()
    case "activation": activation = try reader.readString()
    case "problem_type": problemType = try reader.readString()
    case "architectures":
      var array = try reader.beginArray()
      while try reader.nextElement(in: &array) { architectures.append(try reader.readString()) }
    case "id2label": labels = try readLabels(&reader)
    case "pruned_heads":
      var object = try reader.beginObject()
      while try reader.nextKey(in: &object) != nil {
        hasPrunedHeads = true
        try reader.skipValue()
      }
    case "quantization_config": try readQuantization(&reader)
    default: try reader.skipValue()
    }
  }

  private mutating func readQuantization(_ reader: inout JSONReader) throws(JSONError) {
    isQuantized = true
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      if key.string == "quant_method" {
        quantizationMethod = try reader.readString()
      } else {
        try reader.skipValue()
      }
    }
  }

  private func readLabels(
    _ reader: inout JSONReader
  ) throws(JSONError) -> [(key: String, label: String)] {
    var labels: [(key: String, label: String)] = []
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      let index = key.string
      labels.append((index, try reader.readString()))
    }
    return labels
  }

  func configuration() throws(EncoderError.Finding) -> ModelConfiguration {
    if let modelType, modelType != "distilbert" { throw .architecture(modelType) }
    if hasPrunedHeads { throw .prunedHeads }
    if isQuantized, quantizationMethod != QuantizedFormat.name {
      throw .quantization(quantizationMethod)
    }
    var result = ModelConfiguration()
    result.vocabularySize = try size(["vocab_size"], default: result.vocabularySize)
    result.dimension = try size(["dim", "hidden_size"], default: result.dimension)
    result.layerCount = try size(
      ["n_layers", "num_hidden_layers"], default: result.layerCount, limit: 1000)
    result.headCount = try size(["n_heads", "num_attention_heads"], default: result.headCount)
    result.hiddenDimension = try size(["hidden_dim"], default: result.hiddenDimension)
    result.maximumPositions = try size(
      ["max_position_embeddings"], default: result.maximumPositions)
    guard result.dimension % result.headCount == 0 else {
      throw .invalid(
        "\"dim\" is \(result.dimension), which \(result.headCount) heads (\"n_heads\") do not divide"
      )
    }
    if let activation {
      guard let known = Activation(name: activation) else {
        throw .invalid("Swiftlet knows no \"activation\" of the name \"\(activation)\"")
      }
      result.activation = known
    }
    if let problemType {
      guard let known = ProblemType(rawValue: problemType) else {
        throw .invalid(
          "\"problem_type\" is \"\(problemType)\"; it may be "
            + ProblemType.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
      }
      result.problemType = known
    }
    result.labels = try orderedLabels()
    result.architectures = architectures
    return result
  }

  /// The size under one of two spellings; positive, and small enough that products of two don't
  /// overflow.
  private func size(
    _ names: [String], default fallback: Int, limit: Int = 1 << 28
  ) throws(EncoderError.Finding) -> Int {
    let given = names.compactMap { name in integers[name].map { (name, $0) } }
    guard let (name, value) = given.first else { return fallback }
    if let (other, otherValue) = given.last, otherValue != value {
      throw .invalid("\"\(name)\" is \(value), but \"\(other)\" is \(otherValue)")
    }
    guard (1...limit).contains(value) else {
      throw .invalid("\"\(name)\" is \(value); it must be between 1 and \(limit)")
    }
    return value
  }

  /// The labels by their numbers, which stand as strings: "10" comes after "9".
  private func orderedLabels() throws(EncoderError.Finding) -> [String] {
    let count = integers["num_labels"]
    if let count, !(1...1_000_000).contains(count) {
      throw .invalid("\"num_labels\" is \(count); it must be between 1 and 1000000")
    }
    guard let labels, !labels.isEmpty else {
      return (0..<(count ?? 2)).map { "LABEL_\($0)" }
    }
    if let count, count != labels.count {
      throw .invalid("\"num_labels\" is \(count), but \"id2label\" names \(labels.count) labels")
    }
    var ordered = [String?](repeating: nil, count: labels.count)
    for (key, label) in labels {
      guard let index = Int(key), ordered.indices.contains(index), ordered[index] == nil else {
        throw .invalid(
          "\"id2label\" has \(labels.count) labels, which must be numbered from 0 to "
            + "\(labels.count - 1), each once; it has the number \"\(key)\"")
      }
      ordered[index] = label
    }
    return ordered.compactMap(\.self)
  }
}
