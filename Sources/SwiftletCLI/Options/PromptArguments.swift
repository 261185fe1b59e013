import ArgumentParser
import Swiftlet

/// The prompt that is put before each text.
struct PromptArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Name of one of the model's prompts, which is put before each text. Default: the model's"
        + " default prompt.", valueName: "name"))
  var promptName: String?

  @Option(help: ArgumentHelp("Prompt to put before each text.", valueName: "text"))
  var prompt: String?

  func validate() throws {
    if prompt != nil, promptName != nil {
      throw ValidationError("give --prompt or --prompt-name, not both")
    }
  }

  var choice: Prompt {
    prompt.map { .text($0) } ?? promptName.map { .named($0) } ?? .automatic
  }
}
