import ArgumentParser

#if Hub
import SwiftletHub
#endif

/// `swiftlet download`: a model of the Hugging Face Hub, into the cache.
struct DownloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "download",
    abstract: "Download a model of the Hugging Face Hub.",
    discussion: """
      Prints the model's folder in the cache, which the Python package huggingface_hub shares. Only \
      the files that the model needs are downloaded; named files are downloaded instead of them.

        swiftlet download distilbert/distilbert-base-uncased
        swiftlet download sentence-transformers/all-MiniLM-L6-v2@refs/pr/21
        swiftlet download org/name README.md onnx/model.onnx

      Other commands take a model's name in place of its folder, and download it too. HF_TOKEN has \
      the token for private and gated models, HF_HUB_CACHE the folder of the cache, and \
      HF_HUB_OFFLINE=1 forbids requests.

      An interrupted download continues where it ended.
      """
  )

  @Argument(help: ArgumentHelp("The model: org/name or org/name@revision.", valueName: "model"))
  var model: String

  @Argument(help: ArgumentHelp("Paths in the repository. Default: what the model needs."))
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "Branch, tag or commit. Default: the one after @, or the main branch.",
      valueName: "revision"))
  var revision: String?

  @Flag(name: .customLong("no-progress"), help: "Do not show progress on a terminal.")
  var hidesProgress = false

  func validate() throws {
    try requireText(model, for: "the model")
    try requireText(revision, for: "--revision")
    if revision != nil, model.contains("@") {
      throw ValidationError("name the revision once, after @ or with --revision")
    }
  }

  func run() throws {
    #if Hub
    let address = try ModelAddress(revision.map { "\(model)@\($0)" } ?? model)
    let sink = OutputSink()
    if files.isEmpty {
      let download = HubDownload(hidesProgress: hidesProgress)
      try sink.write(try download.snapshot(address) + "\n")
    }
    for file in files {
      let download = HubDownload(hidesProgress: hidesProgress)
      try sink.write(try download.file(file, of: address) + "\n")
    }
    try sink.finish()
    #else
    throw CommandFailure(
      "this build of swiftlet can't download models; build it with --traits Hub, as \"make install\""
        + " does, or run: hf download \(model)", .usage)
    #endif
  }
}
