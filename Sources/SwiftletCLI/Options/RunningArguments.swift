import ArgumentParser
import Swiftlet

/// How texts are run through the model.
struct RunningArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What turns the model's outputs into scores. Default: by the model's configuration.",
      valueName: "function")
  )
  var function: ScoreFunction?

  @Option(
    help: ArgumentHelp(LongText.help, valueName: "policy")
  )
  var longText: LongText = .truncate

  @Option(
    help: ArgumentHelp("How the outputs of a text's windows become one.", valueName: "pooling"))
  var windowPooling: WindowPooling = .mean

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What outputs are divided by before they become scores: above 1 the model is less sure.",
      valueName: "t"))
  var temperature: Float = 1

  @Option(
    help: ArgumentHelp(
      "The name of one of a cross-encoder's prompts, put before each text. Default: the model's"
        + " own.", valueName: "name"))
  var promptName: String?

  @Option(help: ArgumentHelp("A text to put before each text.", valueName: "text"))
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
