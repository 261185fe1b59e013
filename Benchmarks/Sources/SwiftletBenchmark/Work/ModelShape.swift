/// The sizes in a model's `config.json` that decide how much is computed.
struct ModelShape: Codable, Equatable, Sendable {
  var vocabularySize: Int
  var dimension: Int
  var layerCount: Int
  var hiddenDimension: Int
  var headCount: Int
  var maximumPositions: Int

  enum CodingKeys: String, CodingKey {
    case vocabularySize = "vocab_size"
    case dimension = "dim"
    case layerCount = "n_layers"
    case hiddenDimension = "hidden_dim"
    case headCount = "n_heads"
    case maximumPositions = "max_position_embeddings"
  }

  /// DistilBERT-base: with two labels 67 million parameters.
  static let distilBERTBase = ModelShape(
    vocabularySize: 30_522, dimension: 768, layerCount: 6, hiddenDimension: 3072, headCount: 12,
    maximumPositions: 512)

  init(
    vocabularySize: Int, dimension: Int, layerCount: Int, hiddenDimension: Int, headCount: Int,
    maximumPositions: Int
  ) {
    self.vocabularySize = vocabularySize
    self.dimension = dimension
    self.layerCount = layerCount
    self.hiddenDimension = hiddenDimension
    self.headCount = headCount
    self.maximumPositions = maximumPositions
  }

  init(model directory: String) throws(BenchmarkError) {
    self = try Files.decode(ModelShape.self, from: directory + "/config.json")
  }
}

/// Floating-point operations that a forward pass has to do, a product and a sum counting two.
///
/// Exact for the matrix products; the rest (layer normalisation, softmax, GELU, under 1 %) is not
/// counted. Of the last layer, which is read at one row per sequence, only keys and values are
/// counted for all tokens: what an engine computes beyond that is no merit of it.
struct ForwardCost: Equatable, Sendable {
  /// Products with weights, which int8 does in integers.
  var weightOperations: Int
  /// Attention's products.
  var attentionOperations: Int

  var total: Int { weightOperations + attentionOperations }

  init(_ shape: ModelShape, lengths: [Int], labelCount: Int = 2) {
    let (width, inner) = (shape.dimension, shape.hiddenDimension)
    let tokens = lengths.reduce(0, +)
    let sequences = lengths.count
    let wholeLayers = shape.layerCount - 1

    let perRow = 2 * (width * width + width * width + 2 * width * inner)
    let keysAndValues = 2 * 2 * width * width
    let head = 2 * (width * width + width * labelCount)
    weightOperations =
      wholeLayers * tokens * (perRow + keysAndValues) + tokens * keysAndValues
      + sequences * (perRow + head)

    let squares = lengths.reduce(0) { $0 + $1 * $1 }
    attentionOperations = 4 * width * (wholeLayers * squares + tokens)
  }

  /// The least time in seconds at which a machine of these rates (operations per second) gets it
  /// done.
  func leastTime(weightRate: Double, attentionRate: Double) -> Double {
    Double(weightOperations) / weightRate + Double(attentionOperations) / attentionRate
  }
}
