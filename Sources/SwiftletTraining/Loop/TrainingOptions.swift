public import Swiftlet

/// How a model is trained. Every property has the name of its flag: `learningRate` is `--learning-rate`.
///
/// The defaults are those of `swiftlet train`. ``validate()`` refuses values out of range, contradictions
/// and options that the chosen method does not use.
public struct TrainingOptions: Sendable, Equatable {
  // MARK: What is trained

  /// Which weights are trained, and how.
  public var method = Method.full
  /// Weights that keep their values with ``Method/full``.
  public var freezing = FrozenWeights.none
  /// Whether a BERT base is trained as a DistilBERT, which has neither token types nor a pooler. The row of
  /// token type 0 is added to the position embeddings.
  public var convertsToDistilBERT = false

  // MARK: Length of the training

  /// Passes over the examples; a fraction ends within a pass. Not used with ``maxSteps``.
  public var epochs = 3.0
  /// Steps in place of ``epochs``; the examples repeat as often as the steps need them.
  public var maxSteps: Int?
  /// Stops with a checkpoint and an evaluation before this time has passed.
  public var timeLimit: Duration?
  /// Evaluations without a gain after which the training ends; nil for no early stopping.
  public var patience: Int?
  /// The gain over the best value so far that an evaluation needs to reset ``patience``.
  public var minimumGain = 0.0

  // MARK: Step

  /// Examples of a batch.
  public var batchSize = 16
  /// Batches of a step. A step computes the mean over all of their labels, as one large batch does.
  public var gradientAccumulation = 1
  /// Gradients with a larger L2 norm are scaled down to it; 0 for no limit.
  public var gradientClipping = 1.0
  /// Decides the order of the examples, dropout and the values of new weights.
  public var seed: UInt64 = 42

  // MARK: Learning rate

  /// The highest learning rate of the schedule.
  public var learningRate = 5e-5
  /// The highest learning rate of the head; nil for ``learningRate``.
  public var headLearningRate: Double?
  /// The factor from one layer to the layer below it; 1 for equal rates.
  public var layerDecay = 1.0
  /// Steps in which the learning rate rises from 0: a share of all steps below 1, a count from 1.
  public var warmup = 0.1
  /// How the learning rate falls after the warm-up.
  public var schedule = LearningRateSchedule.linear
  /// AdamW's weight decay of matrices and embeddings.
  public var weightDecay = 0.01

  // MARK: Loss

  /// The loss of embeddings; nil for ``EmbeddingLoss/cosent`` on pairs with scores, and for
  /// ``EmbeddingLoss/ranking`` on other examples.
  public var loss: EmbeddingLoss?
  /// Weights of the labels in the loss.
  public var classWeights = ClassWeights.none
  /// The share of the target that is spread over all labels.
  public var labelSmoothing = 0.0
  /// The rate of every dropout; nil for the rates in the model's `config.json`.
  public var dropout: Double?

  // MARK: Texts

  /// Longest sequence in tokens; nil for the model's own.
  public var maxLength: Int?
  /// Whether batches hold texts of similar length. Packed batches have no padding, so it saves little.
  public var groupByLength = false

  // MARK: Evaluation and checkpoints

  /// The number that selects the best weights; nil for the task's usual one.
  public var metric: Metric?
  /// When the model is evaluated, in addition to the end.
  public var evaluateEvery = EvaluationInterval.epoch
  /// Examples of an evaluation batch. The validation loss is the mean of its batches, weighted by examples.
  public var evaluationBatchSize = 32
  /// Steps between two checkpoints, in addition to one at each evaluation.
  public var saveEvery: Int?
  /// Steps between two points of the loss curve; nil for 200 points in the whole training.
  public var logEvery: Int?

  // MARK: Machine

  /// The number type of the products in the layers of the encoder, forward and backward:
  /// `Precision.float32` or `Precision.bfloat16`.
  ///
  /// A probe's features, and the answers of a teacher with float weights, are computed in it too. Weights,
  /// gradients, moments, losses, and evaluations of the trained model are 32-bit floats in both. bfloat16
  /// needs a processor with AVX512_BF16 (`Precision.isSupported`). The trained weights differ from those of
  /// float32, and have the same bits each time.
  public var precision = Precision.float32
  /// The most bytes to use; nil for no limit. A smaller limit means smaller passes with the same result.
  public var maxMemory: Int?
  /// Threads to compute with; nil for the processors of this process.
  public var threads: Int?

  /// The defaults.
  public init() {}

  /// The defaults of a method: ``Method/setfit`` makes one pass over its pairs with a lower learning rate.
  public init(method: Method) {
    self.method = method
    if case .setfit = method { (epochs, learningRate) = (1, 2e-5) }
  }
}

extension TrainingOptions {
  /// Which weights a training changes.
  public enum Method: Sendable, Equatable {
    /// All weights.
    case full
    /// The head and the uppermost `count` layers of the encoder.
    case lastLayers(Int)
    /// The head.
    case head
    /// Low-rank matrices beside the linear layers `targets`, and the head. An empty list means the query and
    /// value projections. peft's `lora_dropout` is 0.
    case lora(rank: Int, alpha: Double, targets: [String])
    /// A logistic regression over the features of the unchanged encoder.
    case probe
    /// The encoder by pairs of examples, then a logistic regression over its features.
    case setfit
  }

  /// Weights that keep their values.
  public enum FrozenWeights: Sendable, Equatable {
    /// No weights.
    case none
    /// The embeddings and their norm.
    case embeddings
    /// The embeddings and the lowest `count` layers.
    case layers(Int)
    /// Everything except the head.
    case allButHead
  }

  /// A loss of embeddings, with the constants of sentence-transformers.
  public enum EmbeddingLoss: String, Sendable, CaseIterable {
    /// Each anchor finds its positive among the positives and negatives of its batch, by the cosine with the
    /// scale 20: `MultipleNegativesRankingLoss`. For examples without scores.
    case ranking
    /// An anchor's positive is nearer than its negative, by the Euclidean distance with the margin 5:
    /// `TripletLoss`. For examples of three texts.
    case triplet
    /// Pairs with a higher score have a higher cosine, with the scale 20: `CoSENTLoss`. For pairs with a
    /// score of any range.
    case cosent
    /// The squared error of the cosine: `CosineSimilarityLoss`. For pairs with a score from -1 to 1.
    case cosine

    var needsScores: Bool { self == .cosent || self == .cosine }
  }

  /// Weights of the labels in the loss.
  public enum ClassWeights: Sendable, Equatable {
    /// 1 for every label.
    case none
    /// rows / (labels * rows of the label), as scikit-learn's `balanced`; with several labels for each text,
    /// rows without the label / rows with it, as `pos_weight` of torch's `BCEWithLogitsLoss`.
    case balanced
    /// One weight for each label, in the order of the labels.
    case values([Double])
  }

  /// When a model is evaluated.
  public enum EvaluationInterval: Sendable, Equatable {
    /// After every pass over the examples.
    case epoch
    /// After every so many steps.
    case steps(Int)
  }
}
