/// The counts of a training's steps, as transformers' Trainer computes them.
package struct StepPlan: Sendable, Equatable {
  package let groupSize: Int
  package let exampleCount: Int
  package let stepsPerEpoch: Int
  package let totalSteps: Int
  package let warmupSteps: Int
  private let evaluationSteps: Int

  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` if there are no steps, or more for the warm-up
  ///   than in all.
  package init(_ options: TrainingOptions, exampleCount: Int) throws(TrainingError) {
    self.exampleCount = exampleCount
    groupSize = options.batchSize * options.gradientAccumulation
    stepsPerEpoch = (exampleCount + groupSize - 1) / groupSize
    guard stepsPerEpoch > 0 else {
      throw .invalidOption(name: "--file", reason: "has no example to train on")
    }
    let steps = (options.epochs * Double(stepsPerEpoch)).rounded(.up)
    guard let count = options.maxSteps ?? Int(exactly: steps), count <= Int32.max else {
      throw .invalidOption(
        name: "--epochs", reason: "is \(options.epochs), which is more than \(Int32.max) steps")
    }
    totalSteps = count
    warmupSteps = Self.warmupSteps(options, of: count)
    guard warmupSteps <= totalSteps else {
      throw .invalidOption(
        name: "--warmup",
        reason:
          "is \(warmupSteps) steps, but the training has \(totalSteps); use a share such as 0.1")
    }
    if case .steps(let interval) = options.evaluateEvery {
      evaluationSteps = interval
    } else {
      evaluationSteps = stepsPerEpoch
    }
  }

  private static func warmupSteps(_ options: TrainingOptions, of total: Int) -> Int {
    if options.schedule == .constant { return 0 }
    let share = options.warmup
    return Int(share < 1 ? (share * Double(total)).rounded(.up) : share)
  }

  /// Whether an evaluation follows the step, of which so many are complete.
  package func isEvaluationDue(after step: Int) -> Bool {
    step > 0 && (step % evaluationSteps == 0 || step == totalSteps)
  }

  /// Evaluations from one step to the end of the training.
  package func evaluations(after step: Int) -> Int {
    let regular = totalSteps / evaluationSteps - step / evaluationSteps
    let isLastExtra = totalSteps % evaluationSteps != 0 && step < totalSteps
    return regular + (isLastExtra ? 1 : 0)
  }

  /// The places in an epoch's order of the step's examples; the last step of an epoch may have fewer.
  package func places(ofStep step: Int) -> (epoch: Int, range: Range<Int>) {
    let (epoch, position) = step.quotientAndRemainder(dividingBy: stepsPerEpoch)
    let first = position * groupSize
    return (epoch, first..<min(first + groupSize, exampleCount))
  }
}

/// The cut of a group into passes.
package enum PassCut {
  /// Ranges of consecutive examples with at most `budget` tokens; an example with more is alone.
  package static func ranges(tokenCounts: [Int], budget: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var first = 0
    var tokens = 0
    for (index, count) in tokenCounts.enumerated() {
      if index > first, tokens + count > budget {
        ranges.append(first..<index)
        first = index
        tokens = 0
      }
      tokens += count
    }
    if first < tokenCounts.count { ranges.append(first..<tokenCounts.count) }
    return ranges
  }

  /// The most tokens of a pass, and whether it computes activations again.
  package struct Choice: Equatable {
    package let budget: Int
    package let recomputes: Bool
  }

  /// Finds the largest pass that keeps to the memory. It computes activations again, which takes a third
  /// more time, only if the longest example does not fit otherwise: smaller passes cost less.
  ///
  /// `bytes` returns the memory with passes of so many tokens, with recomputation or without; the rest is as
  /// in ``budget(limit:longest:usual:bytes:)``.
  package static func choice(
    limit: Int?, longest: Int, usual: Int = usualTokens,
    bytes: (_ tokens: Int, _ recomputing: Bool) -> Int
  ) throws(TrainingError) -> Choice {
    let recomputes = limit.map { bytes(longest, false) > $0 } ?? false
    return Choice(
      budget: try budget(limit: limit, longest: longest, usual: usual) { bytes($0, recomputes) },
      recomputes: recomputes)
  }

  /// The tokens of a pass without a limit of the memory. Larger passes are not faster.
  package static let usualTokens = 1024

  /// Finds the largest pass that keeps to the memory.
  ///
  /// - Parameters:
  ///   - limit: The most bytes; nil for no limit.
  ///   - longest: Tokens of the longest example, which one pass must hold.
  ///   - usual: The most tokens of a pass without a limit.
  ///   - bytes: Returns the memory of the training with passes of so many tokens.
  /// - Returns: The most tokens of a pass.
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` if the longest example exceeds the limit.
  package static func budget(
    limit: Int?, longest: Int, usual: Int = usualTokens, bytes: (Int) -> Int
  ) throws(TrainingError) -> Int {
    guard let limit else { return usual }
    guard bytes(longest) <= limit else {
      throw .invalidOption(
        name: "--max-memory",
        reason:
          "is \(limit) bytes, but this training needs \(bytes(longest)) for its longest example "
          + "of \(longest) tokens; raise it, lower --max-length, or train fewer layers "
          + "(--freeze embeddings)")
    }
    var fits = longest
    var exceeds = max(usual, longest) + 1
    while exceeds - fits > 1 {
      let middle = fits + (exceeds - fits) / 2
      if bytes(middle) <= limit { fits = middle } else { exceeds = middle }
    }
    return fits
  }
}
