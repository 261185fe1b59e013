import ArgumentParser
import Swiftlet

/// The scores that decisions and accepted labels need.
struct DecisionArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Minimum score of a decision; a text whose best score is lower gets none.",
      valueName: "score")
  )
  var minimumScore: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Minimum score of an accepted label; a text may have any number of them. Default with"
        + " --label-threshold: 0.5.", valueName: "score")
  )
  var threshold: Float?

  @Option(
    help: ArgumentHelp(
      "Minimum score of one accepted label; may be repeated.", valueName: "label=score")
  )
  var labelThreshold: [LabelThreshold] = []

  /// Whether there is a decision to show.
  var decides: Bool { minimumScore != nil }
  /// Whether there are accepted labels to show.
  var accepts: Bool { threshold != nil || !labelThreshold.isEmpty }

  func validate() throws {
    for (name, score) in scores where !score.isFinite {
      throw ValidationError("\(name) must be a number, found \(score)")
    }
  }

  /// Adds the scores to `options`, under the model's own names of labels.
  ///
  /// - Throws: `CommandFailure` for a label that the model lacks or that has two scores, and for a
  ///   score that is not a probability.
  func apply(
    to options: inout ClassificationOptions, for classifier: Classifier
  ) throws(CommandFailure) {
    if (options.function ?? classifier.defaultFunction) != ScoreFunction.none {
      for (name, score) in scores where !(0...1).contains(score) {
        throw CommandFailure(
          "\(name) must be between 0 and 1, as the model's scores are, found \(score);"
            + " --function none gives raw outputs", .usage)
      }
    }
    options.minimumScore = minimumScore
    if let threshold { options.threshold = threshold }
    let labelIndex = LabelIndex(classifier.labels)
    for own in labelThreshold {
      guard let index = labelIndex(own.label) else {
        throw CommandFailure(
          "--label-threshold: unknown label \"\(DisplayText.shorten(own.label, to: 40))\";"
            + " the model has \(labelIndex.summary)", .usage)
      }
      let name = classifier.labels[index]
      guard options.labelThresholds.updateValue(own.score, forKey: name) == nil else {
        throw CommandFailure("--label-threshold: \"\(name)\" has two thresholds", .usage)
      }
    }
  }

  /// The given scores, each with its option.
  private var scores: [(name: String, score: Float)] {
    var scores: [(name: String, score: Float)] = []
    if let minimumScore { scores.append(("--minimum-score", minimumScore)) }
    if let threshold { scores.append(("--threshold", threshold)) }
    for own in labelThreshold { scores.append(("--label-threshold \(own.label)", own.score)) }
    return scores
  }
}

/// `LABEL=0.7`, split at the last equals sign, because labels may contain others.
struct LabelThreshold: ExpressibleByArgument, Equatable, Sendable {
  let label: String
  let score: Float

  init?(argument: String) {
    guard let sign = argument.lastIndex(of: "="), sign > argument.startIndex,
      let score = Float(argument[argument.index(after: sign)...])
    else { return nil }
    label = String(argument[..<sign])
    self.score = score
  }
}
