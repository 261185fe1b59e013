/// How fast a training is, and whether its time limit allows another step.
struct TimeKeeper {
  private let limit: Double?
  /// The parameters of a checkpoint.
  private let parameters: Int
  private let later: LaterWork
  private let clock: () -> Double
  private let start: Double
  /// Tokens and seconds of the last steps; each step weighs less than the next.
  private var recentTokens = 0.0
  private var recentSeconds = 0.0
  /// The longest of the last steps, which fades.
  private var longestStep = 0.0
  private var evaluation: (tokens: Int, seconds: Double)?
  private var save: Double?

  init(
    limit: Double?, parameters: Int, later: LaterWork = LaterWork(),
    clock: @escaping () -> Double
  ) {
    self.limit = limit
    self.parameters = parameters
    self.later = later
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

  mutating func addEvaluation(tokens: Int, seconds: Double) { evaluation = (tokens, seconds) }

  mutating func addSave(seconds: Double) { save = max(save ?? 0, seconds) }

  /// Estimated seconds of a checkpoint: the longest one's, or, before the first, those of weights and moments
  /// on a disk of 200 MB/s.
  private var saveSeconds: Double { save ?? Self.diskSeconds(bytes: 12 * parameters) }

  private static func diskSeconds(bytes: Int) -> Double { Double(bytes) / 200e6 }

  /// Estimated seconds of an evaluation: as fast as the last one, or, before the first, half the time of a
  /// step for each token, as a step computes a forward pass three times over.
  func evaluationSeconds(tokens: Int) -> Double {
    if let evaluation, evaluation.tokens > 0 {
      return evaluation.seconds * Double(tokens) / Double(evaluation.tokens)
    }
    return tokensPerSecond > 0 ? Double(tokens) / tokensPerSecond / 2 : 0
  }

  /// Estimated seconds of what follows the run. The model is written as fast as a checkpoint that takes
  /// more than a second, and read again in at most that time.
  private var laterSeconds: Double {
    let slowness = saveSeconds / max(1, Self.diskSeconds(bytes: 12 * parameters))
    return evaluationSeconds(tokens: later.tokens)
      + 2 * max(1, slowness) * Self.diskSeconds(bytes: later.writtenBytes)
  }

  /// Estimated seconds of steps and evaluations.
  func seconds(stepTokens: Double, evaluations: Int, evaluationTokens: Int) -> Double {
    let steps = tokensPerSecond > 0 ? stepTokens / tokensPerSecond : 0
    return steps + Double(evaluations) * (evaluationSeconds(tokens: evaluationTokens) + saveSeconds)
  }

  /// Whether another step would leave too little time for the end of the training: an evaluation, two
  /// checkpoints, an evaluation of the best weights, and what follows the run.
  func isStepTooLong(evaluationTokens: Int) -> Bool {
    guard let limit else { return false }
    let end = 2 * (evaluationSeconds(tokens: evaluationTokens) + saveSeconds) + laterSeconds
    // The machine may slow down.
    return elapsed + 1.1 * (longestStep + end) > limit
  }
}
