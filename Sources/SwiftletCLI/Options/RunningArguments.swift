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

  @Option(
    help: ArgumentHelp(
      "Name of a cross-encoder's prompt, which is put before each text. Default: the model's"
        + " default prompt.", valueName: "name"))
  var promptName: String?

  @Option(help: ArgumentHelp("Prompt to put before each text.", valueName: "text"))
  var prompt: String?

  func validate() throws {
    if prompt != nil, promptName != nil {
      throw ValidationError("give --prompt or --prompt-name, not both")
    }
    guard temperature > 0, temperature.isFinite else {
      throw ValidationError("--temperature must be above 0, found \(temperature)")
    }
  }

  func options(topK: Int?) -> ClassificationOptions {
    ClassificationOptions(
      topK: topK, function: function, longText: longText,
      windowPooling: windowPooling, temperature: temperature,
      prompt: prompt.map { .text($0) } ?? promptName.map { .named($0) } ?? .automatic)
  }
}
