import ArgumentParser

/// Several trainings in one run.
struct TrainingSearchArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Train and evaluate on each of k parts in turn, print mean and deviation, and write no model.",
      valueName: "k")
  )
  var crossValidate: Int?

  @Option(
    help: ArgumentHelp(
      "Try each value of an option, then train with the best; repeat it for every combination.",
      valueName: "option=value,…")
  )
  var sweep: [String] = []

  func validate() throws {
    if let crossValidate { try requireIn(2...1000, crossValidate, for: "--cross-validate") }
    if crossValidate != nil, !sweep.isEmpty {
      throw ValidationError("--cross-validate and --sweep exclude each other")
    }
  }
}
