#if Server
import ServiceLifecycle

@testable import SwiftletServer

/// A server as a program runs it, with a port and a service group that stops it.
struct RunningServer: Sendable {
  let server: SwiftletServer
  let port: Int
  let group: ServiceGroup

  func connect() throws -> RawConnection { try RawConnection(port: port) }

  func serving() throws -> Serving { try server.state.serving() }

  /// Waits for something to become true, and for a minute at most.
  func waitUntil(_ condition: () throws -> Bool) async throws -> Bool {
    for _ in 0..<12_000 {
      if try condition() { return true }
      try await Task.sleep(for: .milliseconds(5))
    }
    return false
  }
}

/// Has `body` talk to a running server with a loaded model, and ends it then if it still runs.
func withRunningServer(
  _ model: String, _ change: (inout ServerConfiguration) -> Void = { _ in },
  _ body: @Sendable (RunningServer) async throws -> Void
) async throws {
  let (ports, port) = AsyncStream<Int>.makeStream()
  let server = SwiftletServer(
    configuration: testConfiguration(model, change), logger: silentLogger,
    onListening: {
      port.yield($0)
      port.finish()
    })
  let group = ServiceGroup(
    configuration: ServiceGroupConfiguration(
      services: [
        .init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)
      ], logger: silentLogger))
  try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await group.run() }
    var iterator = ports.makeAsyncIterator()
    if let port = await iterator.next() {
      let running = RunningServer(server: server, port: port, group: group)
      _ = try await running.waitUntil { server.state.isHealthy }
      try await body(running)
    }
    await group.triggerGracefulShutdown()
    try await tasks.waitForAll()
  }
}
#endif
