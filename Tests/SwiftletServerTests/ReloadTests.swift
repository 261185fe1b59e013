#if Server
import Foundation
import HTTPTypes
import HummingbirdTesting
import Synchronization
import Testing

@testable import SwiftletServer

@Suite(.timeLimit(.minutes(10)), .serialized)
struct ReloadTests {
  private static let key: HTTPFields = [.authorization: "Bearer k"]

  /// A folder for models that is removed at the end.
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "reload-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  private func copy(_ model: String, to path: String) throws {
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: model, toPath: path)
  }

  /// Points a link to another folder, as deployments do: beside it and then renamed.
  private func link(_ path: String, to target: String) throws {
    let other = path + ".new"
    try FileManager.default.createSymbolicLink(atPath: other, withDestinationPath: target)
    #expect(rename(other, path) == 0)
  }

  private struct Report: Decodable {
    var model: String
    var model_fingerprint: String
    var previous_fingerprint: String
    var changes: [String]
  }

  private func allow(_ configuration: inout ServerConfiguration) {
    configuration.apiKey = "k"
    configuration.allowsReload = true
  }

  @Test func `a link to another folder is followed, and the answer says what changed`() async throws
  {
    try await withFolder { folder in
      let path = folder + "/current"
      try link(path, to: TestModel.embedder)
      try await withServer(path, .router, allow) { client, _ in
        let before = try await client.get("/info", headers: Self.key).text
        try link(path, to: TestModel.firstTokenEmbedder)
        let answer = try await client.post("/models/tested/reload", "", headers: Self.key)
        #expect(answer.status == 200, "\(answer.text)")
        let report = try answer.decoded(Report.self)
        #expect(report.model == "tested")
        #expect(report.model_fingerprint != report.previous_fingerprint)
        #expect(report.changes.contains("pooling: mean before, cls now"))
        let after = try await client.get("/info", headers: Self.key).text
        #expect(before.contains(report.previous_fingerprint))
        #expect(after.contains(report.model_fingerprint) && after.contains(#""pooling":"cls""#))
      }
    }
  }

  @Test func `a version that can't serve leaves the previous one`() async throws {
    try await withFolder { folder in
      let path = folder + "/model"
      try copy(TestModel.embedder, to: path)
      try await withServer(path, .router, allow) { client, _ in
        let text = #"{"inputs": "a"}"#
        let before = try await client.post("/embed", text, headers: Self.key).text
        let reload = { try await client.post("/models/tested/reload", "", headers: Self.key) }
        let weights = path + "/model.safetensors"
        try FileManager.default.removeItem(atPath: weights)
        let missing = try await reload()
        #expect(missing.status == 424 && missing.text.contains("keeps serving"), "\(missing.text)")
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: weights))
        #expect(try await reload().status == 424)
        try copy(TestModel.sentiment, to: path)
        let other = try await reload()
        #expect(other.status == 409, "\(other.text)")
        #expect(other.text.contains("the new version is a classifier"))
        try FileManager.default.removeItem(atPath: path)
        #expect(try await reload().status == 424)
        #expect(try await client.post("/embed", text, headers: Self.key).text == before)
        try copy(TestModel.embedder, to: path)
        #expect(try await reload().status == 200)
        #expect(try await client.post("/embed", text, headers: Self.key).text == before)
      }
    }
  }

  @Test func `models are loaded on request only if the server allows it and the key is right`()
    async throws
  {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.post("/models/tested/reload", "")
      #expect(answer.status == 403 && answer.text.contains("--allow-reload"))
    }
    try await withServer(TestModel.embedder, .router, allow) { client, _ in
      let unknown = try await client.post("/models/tested/reload", "")
      #expect(unknown.status == 401)
      let wrong: HTTPFields = [.authorization: "Bearer x"]
      #expect(try await client.post("/models/tested/reload", "", headers: wrong).status == 401)
      #expect(try await client.get("/models/tested/reload", headers: Self.key).status == 405)
      #expect(try await client.post("/models/no/reload", "", headers: Self.key).status == 404)
    }
    var configuration = ServerConfiguration(modelDirectory: TestModel.embedder)
    configuration.allowsReload = true
    #expect(throws: (any Error).self) { try configuration.check() }
  }

  @Test func `a signal loads only models whose folders have changed`() async throws {
    try await withFolder { folder in
      let path = folder + "/model"
      try copy(TestModel.embedder, to: path)
      try await withServer(path) { _, server in
        let first = try server.state.serving()
        await server.reloadModels()
        #expect(try server.state.serving().queue === first.queue)
        try copy(TestModel.firstTokenEmbedder, to: path)
        await server.reloadModels()
        let second = try server.state.serving()
        #expect(second.queue !== first.queue && second.info.fingerprint != first.info.fingerprint)
        try FileManager.default.removeItem(atPath: path)
        await server.reloadModels()
        #expect(try server.state.serving().queue === second.queue)
      }
    }
  }

  @Test func `a second reload of a model that is being loaded is refused`() async throws {
    try await withServer(TestModel.sentiment, .router, allow) { client, _ in
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<6 {
          group.addTask {
            try await client.post("/models/tested/reload", "", headers: Self.key).status
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.contains(200) && statuses.allSatisfy { $0 == 200 || $0 == 409 })
    }
  }

  @Test func `no request is lost in 20 reloads, and old versions are freed`() async throws {
    try await withFolder { folder in
      let path = folder + "/current"
      let (mean, first) = (TestModel.embedder, TestModel.firstTokenEmbedder)
      try link(path, to: mean)
      try await withRunningServer(path, allow) { running in
        let stopped = StopFlag()
        let text = #"{"inputs": ["a good film", "a bad one"]}"#
        var expected: Set<String> = []
        let header = "Authorization: Bearer k\r\n"
        let statuses = try await withThrowingTaskGroup(of: [String].self) { group in
          for _ in 0..<4 {
            group.addTask {
              let connection = try running.connect()
              defer { connection.close() }
              var answers: [String] = []
              while !stopped.isSet {
                await connection.post("/embed", text, headers: header)
                answers.append(await connection.response())
              }
              return answers
            }
          }
          let connection = try running.connect()
          defer { connection.close() }
          var memory: [Int] = []
          for round in 0..<20 {
            try link(path, to: round % 2 == 0 ? first : mean)
            await connection.post("/models/tested/reload", "", headers: header)
            let answer = await connection.response()
            #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
            await connection.post("/embed", text, headers: header)
            expected.insert(try body(await connection.response()))
            memory.append(ProcessMetrics.anonymousBytes() ?? 0)
          }
          stopped.set()
          #expect(memory[19] - memory[3] < 16 << 20, "\(memory)")
          return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(expected.count == 2, "one answer for each version")
        #expect(statuses.count >= 40)
        for answer in statuses {
          #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer.prefix(200))")
          #expect(expected.contains(try body(answer)))
        }
      }
    }
  }

  private func body(_ answer: String) throws -> String {
    let head = try #require(answer.range(of: "\r\n\r\n"))
    return String(answer[head.upperBound...])
  }

  /// A reference that does not keep its queue.
  private final class WeakQueue: @unchecked Sendable {
    weak var queue: InferenceQueue?
  }

  /// Replaces the model while a request holds its version.
  private func replaceHeldVersion(_ server: SwiftletServer, _ reference: WeakQueue) async throws {
    let held = try server.state.serving()
    reference.queue = held.queue
    _ = try await server.loader.reload("tested")
    #expect(try server.state.serving().queue !== held.queue)
    #expect(reference.queue != nil)
    withExtendedLifetime(held) {}
  }

  @Test func `a replaced version is freed after its last request`() async throws {
    try await withServer(TestModel.embedder) { client, server in
      let reference = WeakQueue()
      try await replaceHeldVersion(server, reference)
      for _ in 0..<6000 where reference.queue != nil {
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(reference.queue == nil)
      #expect(try await client.post("/embed", #"{"inputs": "a"}"#).status == 200)
    }
  }
}

/// A flag that one task sets and others read.
private final class StopFlag: Sendable {
  private let flag = Atomic(false)

  var isSet: Bool { flag.load(ordering: .relaxed) }

  func set() { flag.store(true, ordering: .relaxed) }
}

@Suite struct ModelFingerprintTests {
  @Test func `a fingerprint depends on the files' names and bytes, not on the path`() throws {
    let folder = NSTemporaryDirectory() + "fingerprint-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(atPath: TestModel.embedder, toPath: folder)
    let original = try #require(ModelFingerprint.of(TestModel.embedder))
    #expect(original.count == 16 && ModelFingerprint.of(folder) == original)
    try Data("note".utf8).write(to: URL(fileURLWithPath: folder + "/README.md"))
    #expect(ModelFingerprint.of(folder) == original, "not a file of the model")
    let pooling = URL(fileURLWithPath: folder + "/1_Pooling/config.json")
    let bytes = try Data(contentsOf: pooling)
    try (bytes + Data(" ".utf8)).write(to: pooling)
    #expect(ModelFingerprint.of(folder) != original)
    try bytes.write(to: pooling)
    let weights = URL(fileURLWithPath: folder + "/model.safetensors")
    var changed = try Data(contentsOf: weights)
    changed[changed.count - 1] ^= 1
    try changed.write(to: weights)
    #expect(ModelFingerprint.of(folder) != original)
    #expect(ModelFingerprint.of("/nowhere") == nil)
  }
}
#endif
