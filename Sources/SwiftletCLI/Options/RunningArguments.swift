import ArgumentParser
import Swiftlet

/// How texts are run through the model.
struct RunningArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Function that turns logits into scores. Default: by the model's configuration.",
      valueName: "function")
  )
  var function: ScoreFunction?

  @Option(
    help: ArgumentHelp(LongText.help, valueName: "policy")
  )
  var longText: LongText = .truncate

  @Option(
    help: ArgumentHelp("How the logits of a text's windows are combined.", valueName: "pooling"))
  var windowPooling: WindowPooling = .mean

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Divisor of the logits before they become scores; above 1 the scores are less extreme.",
      valueName: "t"))
  var temperature: Float = 1

  @OptionGroup var prompt: PromptArguments

  func validate() throws {
    guard temperature > 0, temperature.isFinite else {
      throw ValidationError("--temperature must be above 0, found \(temperature)")
    }
  }

  func options(topK: Int?) -> ClassificationOptions {
    ClassificationOptions(
      topK: topK, function: function, longText: longText,
      windowPooling: windowPooling, temperature: temperature,
      prompt: prompt.choice)
  }
}
