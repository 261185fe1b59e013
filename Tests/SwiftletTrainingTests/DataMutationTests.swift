import Testing

@testable import SwiftletTraining

/// Files with random damage: each is read or is an error, and nothing stops the process.
struct DataMutationTests {
  private static let files: [(name: String, text: String)] = [
    ("a.csv", "text,label\n\"Good, film\",pos\nBad \"\"film,neg\n\nÄé,pos\n"),
    ("a.tsv", "sentence1\tsentence2\tscore\nA\tB\t0.5\nC\tD\t-1e3\n"),
    (
      "a.jsonl",
      "{\"text\":\"😀 Ada ran\",\"entities\":[[2,5,\"PER\"],{\"start\":6,\"end\":9,\"label\":\"X\"}]}\n"
        + "{\"text\":\"B\",\"entities\":[]}\n"
    ),
    (
      "b.jsonl",
      "{\"prompt\":\"A\",\"choices\":[\"b\",\"c\"],\"label\":1}\n{\"prompt\":\"A\",\"choices\":[\"b\",\"c\"],\"label\":\"b\"}\n"
    ),
    (
      "c.jsonl",
      "{\"tokens\":[\"Ada\",\"ran\"],\"tags\":[\"B-PER\",\"O\"]}\n{\"tokens\":[\"x\"],\"tags\":[3]}\n"
    ),
    ("d.jsonl", "{\"text\":\"A\",\"labels\":[\"x\",\"y\"]}\n{\"text\":\"B\",\"labels\":[1]}\n"),
    ("a.conll", "-DOCSTART- O\n\nAda\tNNP\tB-PER\nran\tVBD\tO\n\nOK\tUH\tO\n"),
    (
      "a.json",
      "{\"data\":[{\"paragraphs\":[{\"context\":\"Ada ran. é 😀\",\"qas\":[{\"question\":\"Who?\","
        + "\"answers\":[{\"text\":\"Ada\",\"answer_start\":0}]},{\"question\":\"Q\",\"answers\":[]}]}]}]}"
    ),
  ]
  private static let inserts = [
    "\"", ",", "\n", "\t", "[", "]", "{", "}", "0", "-", "99999999999999999999", "\\u0000", "é",
    "😀",
    "null", "O", ":", "\\", "1e999", " ", "\r",
  ]

  @Test(arguments: files.indices)
  func `a damaged file is read or is an error`(index: Int) throws {
    let (name, text) = Self.files[index]
    let folder = try DataFolder()
    var (read, failed) = (0, 0)
    for round in 0..<150 {
      var random = RowGenerator(seed: 1, epoch: index, row: round)
      var scalars = Array(text.unicodeScalars)
      for _ in 0..<1 + random.next() % 4 {
        let place = Int(random.next() % UInt64(scalars.count))
        if random.next() % 3 == 0 {
          scalars.remove(at: place)
        } else {
          let insert = Self.inserts[Int(random.next() % UInt64(Self.inserts.count))]
          scalars.insert(contentsOf: insert.unicodeScalars, at: place)
        }
      }
      var damaged = String.UnicodeScalarView()
      damaged.append(contentsOf: scalars)
      let file = try folder.file(name, String(damaged))
      var options = TrainingFileOptions()
      if round % 2 == 0 { (options.onBadRows, options.onUnlabelledRows) = (.skip, .skip) }
      do {
        let data = try DataSample.prepare(.file(file, options), maxLength: 16)
        #expect(data.training.count > 0)
        for example in 0..<data.training.count {
          _ = (data.training.target(of: example), data.training.sequence(of: example))
        }
        read += 1
      } catch let error as TrainingError {
        #expect(error.description.contains(name) || error.description.contains("--"))
        failed += 1
      }
    }
    #expect(read > 0 && failed > 0)
  }
}
