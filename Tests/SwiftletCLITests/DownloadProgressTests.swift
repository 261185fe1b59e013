#if Hub
import Swiftlet
import SwiftletHub
import Testing

@testable import SwiftletCLI

@Suite struct DownloadProgressTests {
  private static let state = DownloadProgress.State(
    totalBytes: 200_000_000, bytes: 50_000_000, receivedBytes: 40_000_000, files: 2, seconds: 4)

  @Test func `the line shows share, sizes, rate and time left`() {
    let line = DownloadProgress.line(Self.state, width: 100)
    #expect(line.hasPrefix("████████░░░"))
    for part in ["  25%  ", "50.0 MB of 200.0 MB", "10.0 MB/s", "15 s left"] {
      #expect(line.contains(part), "\(line)")
    }
  }

  @Test(arguments: 5...120)
  func `the line fits terminals of every width`(width: Int) {
    for state in [Self.state, DownloadProgress.State(bytes: 1_000_000, seconds: 1)] {
      #expect(DisplayText.width(of: DownloadProgress.line(state, width: width)) <= width)
    }
  }

  @Test func `the summary counts files and bytes`() {
    #expect(DownloadProgress.summary(Self.state) == "2 files, 40.0 MB in 4.0 s")
  }

  @Test(arguments: [
    (HubError.invalidName(name: "a", reason: "b"), Int32(64)),
    (.repositoryNotFound(repository: "a", sentToken: false), 66),
    (.unreachable(address: "a", reason: "b"), 74),
    (.unwritable(path: "a", reason: "b"), 73),
    (.model(.unsupportedModel(reason: "b")), 65),
  ])
  func `errors of the Hub have the statuses of other errors`(error: HubError, status: Int32) {
    #expect(CommandFailure(error).status.rawValue == status)
    #expect(CommandFailure(explaining: error)?.status.rawValue == status)
  }

  @Test(arguments: ["/absolute/path", "./relative", "/tmp", "missing.json"])
  func `what exists or can only be a path is returned as it is`(path: String) throws {
    #expect(try ModelSource.folder(path) == path)
  }
}
#endif
