import Foundation
import Testing

@testable import SwiftletTraining

/// Public data sets beside the repository; skipped where they are missing.
@Suite(.enabled(if: DataSample.hasShared, "needs ../shared/data"))
struct SharedDataTests {
  private func path(_ name: String) -> String { DataSample.shared.appending(path: name).path }

  @Test func `SST-2's development set needs no options`() throws {
    let data = try DataSample.prepare(.file(path("sst2/dev.tsv")), .share(0.1, seed: 42))
    #expect(data.task == .classification && data.labels == ["0", "1"])
    #expect(data.summary.exampleCount == 872 && data.validation?.count == 87)
    #expect(data.summary.labelCounts?.counts.reduce(0, +) == 785)
  }

  @Test func `WNUT 17 is in CoNLL form, whatever the suffix`() throws {
    let data = try DataSample.prepare(
      .file(path("wnut17/emerging.dev.conll")), .data(.file(path("wnut17/emerging.test.annotated")))
    )
    #expect(data.training.count == 1009 && data.validation?.count == 1287)
    #expect(data.labels.count == 13 && data.labels.last == "O")
  }

  @Test func `GoEmotions has several labels joined by commas`() throws {
    var options = TrainingFileOptions()
    (options.textColumn, options.labelColumn, options.hasHeader) = ("1", "2", false)
    let data = try DataSample.prepare(.file(path("goemotions/dev.tsv"), options))
    #expect(data.task == .multiLabel && data.labels == (0..<28).map { "\($0)" })
    #expect(data.summary.exampleCount == 5426)
  }

  @Test func `STS-B is a regression over pairs`() throws {
    var options = TrainingFileOptions()
    (options.textColumn, options.pairColumn, options.labelColumn) = ("1", "2", "3")
    options.hasHeader = false
    let data = try DataSample.prepare(.file(path("stsb/dev.csv"), options))
    #expect(data.task == .regression && data.summary.exampleCount == 1500)
    #expect(data.targets[0] == .value(5))
  }

  @Test func `XQuAD's answers are at their places`() throws {
    let data = try PreparedData(
      training: .file(path("xquad/xquad.en.json")), validation: .share(0.2, seed: 1),
      encoding: DataSample.encoding(maxLength: 384))
    #expect(data.task == .questions && data.summary.exampleCount == 1190)
    let spans = data.targets.count { $0 != .span(start: 0, end: 0) }
    #expect(spans >= 900 && spans <= data.training.count)
    #expect(data.summary.overlap == 0)
  }
}
