import ArgumentParser

#if !Server
/// What is built without the trait: there is no server to start.
@main
struct SwiftletServerCommand: ParsableCommand {
  func run() throws {
    throw ValidationError(
      "this program was built without its server; build it with --traits Server")
  }
}
#endif
