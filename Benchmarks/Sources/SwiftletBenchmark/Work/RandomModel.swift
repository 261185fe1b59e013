import SwiftletSafetensors

/// A checkpoint of the size of DistilBERT-base with random weights: an engine is as fast with them as
/// with trained ones. Biases and normalisations are random too, so that an engine that forgets one
/// gives other logits.
struct RandomModel {
  let shape: ModelShape
  let seed: UInt64

  /// Writes `config.json`, `vocab.txt`, `tokenizer_config.json` and `model.safetensors`.
  func write(to directory: String, vocabulary: String) throws(BenchmarkError) {
    try Files.makeDirectory(directory)
    let tensors = parameters.enumerated().map { index, parameter in
      parameter.tensor(seed: seed &+ UInt64(index))
    }
    do throws(SafetensorsError) {
      try SafetensorsWriter.write(
        tensors, metadata: ["format": "pt"], to: directory + "/model.safetensors")
    } catch {
      throw .file(path: directory, reason: error.description)
    }
    try Files.write(Files.text(vocabulary), to: directory + "/vocab.txt")
    try Files.write(configuration, to: directory + "/config.json")
    try Files.write(tokenizerConfiguration, to: directory + "/tokenizer_config.json")
  }

  private struct Parameter {
    var name: String
    var shape: [Int]
    var mean = 0.0

    func tensor(seed: UInt64) -> SafetensorsWriter.Tensor {
      let (count, mean) = (shape.reduce(1, *), mean)
      return SafetensorsWriter.Tensor(name: name, dataType: .f32, shape: shape) { sink in
        var random = RandomNumbers(seed: seed &* 0x2545_F491_4F6C_DD1D)
        let values = random.normals(count, mean: mean, deviation: 0.02)
        try values.withUnsafeBytes { bytes in try sink.write(bytes) }
      }
    }
  }

  private var parameters: [Parameter] {
    let width = shape.dimension
    var parameters = [
      Parameter(
        name: "distilbert.embeddings.word_embeddings.weight", shape: [shape.vocabularySize, width]),
      Parameter(
        name: "distilbert.embeddings.position_embeddings.weight",
        shape: [shape.maximumPositions, width]),
    ]
    parameters += norm("distilbert.embeddings.LayerNorm")
    for layer in 0..<shape.layerCount {
      let name = "distilbert.transformer.layer.\(layer)."
      for linear in ["q_lin", "k_lin", "v_lin", "out_lin"] {
        parameters += self.linear(name + "attention." + linear, inputs: width, outputs: width)
      }
      parameters += norm(name + "sa_layer_norm")
      parameters += linear(name + "ffn.lin1", inputs: width, outputs: shape.hiddenDimension)
      parameters += linear(name + "ffn.lin2", inputs: shape.hiddenDimension, outputs: width)
      parameters += norm(name + "output_layer_norm")
    }
    parameters += linear("pre_classifier", inputs: width, outputs: width)
    parameters += linear("classifier", inputs: width, outputs: 2)
    return parameters
  }

  private func linear(_ name: String, inputs: Int, outputs: Int) -> [Parameter] {
    [
      Parameter(name: name + ".weight", shape: [outputs, inputs]),
      Parameter(name: name + ".bias", shape: [outputs]),
    ]
  }

  private func norm(_ name: String) -> [Parameter] {
    [
      Parameter(name: name + ".weight", shape: [shape.dimension], mean: 1),
      Parameter(name: name + ".bias", shape: [shape.dimension]),
    ]
  }

  /// The keys that transformers and Swiftlet need.
  private var configuration: String {
    """
    {
      "architectures": ["DistilBertForSequenceClassification"],
      "model_type": "distilbert",
      "activation": "gelu",
      "vocab_size": \(shape.vocabularySize),
      "dim": \(shape.dimension),
      "n_layers": \(shape.layerCount),
      "hidden_dim": \(shape.hiddenDimension),
      "n_heads": \(shape.headCount),
      "max_position_embeddings": \(shape.maximumPositions),
      "sinusoidal_pos_embds": false,
      "pad_token_id": 0,
      "problem_type": "single_label_classification",
      "id2label": {"0": "LABEL_0", "1": "LABEL_1"},
      "label2id": {"LABEL_0": 0, "LABEL_1": 1}
    }

    """
  }

  private var tokenizerConfiguration: String {
    """
    {
      "tokenizer_class": "DistilBertTokenizer",
      "do_lower_case": true,
      "model_max_length": \(shape.maximumPositions)
    }

    """
  }
}
