#if Server
import ArgumentParser
import Swiftlet
import SwiftletServer

#if Hub
import SwiftletHub
#endif

/// The output and the exit status of a program that ends with an error or prints its help. The
/// statuses are those of sysexits(3).
struct CommandEnd {
  let text: String
  /// The text without the program's name.
  let message: String
  let status: Int32

  init(_ error: any Error) {
    #if Hub
    if let error = error as? HubError {
      self.init(error)
      return
    }
    #endif
    switch error {
    case let error as SettingsError:
      if case .noModel = error {
        self.init(error.description, 66)
      } else {
        self.init(error.description, 64)
      }
    case let error as SwiftletError: self.init(error)
    case let error as ServerStartError:
      switch error {
      case .model(let error): self.init(error)
      case .address(let reason): self.init(reason, 69)
      case .tls(let reason): self.init(reason, 78)
      case .other(let reason): self.init(reason, 70)
      }
    default:
      // ArgumentParser's own, `--help` and `--version` among them; its messages begin with `Error:
      // `.
      let status = SwiftletServerCommand.exitCode(for: error).rawValue
      let text = SwiftletServerCommand.fullMessage(for: error)
      if text.hasPrefix("Error: ") {
        self.init(String(text.dropFirst("Error: ".count)), status)
      } else {
        self.init(text: text + "\n", message: text, status: status)
      }
    }
  }

  private init(text: String, message: String, status: Int32) {
    self.text = text
    self.message = message
    self.status = status
  }

  private init(_ message: String, _ status: Int32) {
    self.init(
      text: "swiftlet-server: error: \(message)\n", message: message, status: status)
  }

  #if Hub
  private init(_ error: HubError) {
    switch error {
    case .model(let error): self.init(error)
    case .invalidName, .invalidSetting: self.init(error.description, 64)
    case .rateLimited, .server, .unreachable, .invalidResponse, .damaged:
      self.init(error.description, 69)
    case .unwritable: self.init(error.description, 73)
    case .cancelled: self.init(error.description, 70)
    case .repositoryNotFound, .gatedRepository, .revisionNotFound, .fileNotFound, .accessDenied,
      .notCached, .noModel:
      self.init(error.description, 66)
    }
  }
  #endif

  private init(_ error: SwiftletError) {
    switch error {
    case .missingFile: self.init(error.description, 66)
    case .engine, .memory, .cancelled: self.init(error.description, 70)
    default: self.init(error.description, 65)
    }
  }
}
#endif
