/// How fast a training is, and whether its time limit allows another step.
struct TimeKeeper {
  private let limit: Double?
  private let parameters: Int
  private let clock: () -> Double
  private let start: Double
  /// Tokens and seconds of the last steps; each step weighs less than the next.
  private var recentTokens = 0.0
  private var recentSeconds = 0.0
  /// The longest of the last steps, which fades.
  private var longestStep = 0.0
  private var evaluation: Double?
  private var save: Double?

  init(limit: Double?, parameters: Int, clock: @escaping () -> Double) {
    self.limit = limit
    self.parameters = parameters
    self.clock = clock
    start = clock()
  }

  /// Seconds since the run began.
  var elapsed: Double { clock() - start }

  var tokensPerSecond: Double { recentSeconds > 0 ? recentTokens / recentSeconds : 0 }

  mutating func addStep(tokens: Int, seconds: Double) {
    recentTokens = 0.9 * recentTokens + Double(tokens)
    recentSeconds = 0.9 * recentSeconds + seconds
    longestStep = max(seconds, 0.95 * longestStep)
  }

  mutating func addEvaluation(seconds: Double) { evaluation = seconds }

  mutating func addSave(seconds: Double) { save = max(save ?? 0, seconds) }

  /// Estimated seconds of a checkpoint: the longest one's, or, before the first, those of weights and moments
  /// on a disk of 200 MB/s.
  private var saveSeconds: Double { save ?? Double(12 * parameters) / 200e6 }

  /// Estimated seconds of an evaluation: the last one's, or, before the first, half the time of a step for
  /// each token, as a step computes a forward pass three times over.
  func evaluationSeconds(tokens: Int) -> Double {
    evaluation ?? (tokensPerSecond > 0 ? Double(tokens) / tokensPerSecond / 2 : 0)
  }

  /// Estimated seconds of steps and evaluations.
  func seconds(stepTokens: Double, evaluations: Int, evaluationTokens: Int) -> Double {
    let steps = tokensPerSecond > 0 ? stepTokens / tokensPerSecond : 0
    return steps + Double(evaluations) * (evaluationSeconds(tokens: evaluationTokens) + saveSeconds)
  }

  /// Whether another step would leave too little time for the end of the training: an evaluation, two
  /// checkpoints, and an evaluation of the best weights.
  func isStepTooLong(evaluationTokens: Int) -> Bool {
    guard let limit else { return false }
    let end = 2 * (evaluationSeconds(tokens: evaluationTokens) + saveSeconds)
    // The machine may slow down.
    return elapsed + 1.1 * (longestStep + end) > limit
  }
}
