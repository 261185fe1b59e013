import Foundation
import Swiftlet
import Testing

@Suite struct HypothesisTemplateTests {
  private struct Golden: Decodable {
    let labels: [String]
    let cases: [Case]

    struct Case: Decodable {
      let template: String
      let sentences: [String]?
    }
  }

  @Test func `templates are read and refused as by Python's format`() throws {
    let data = try Data(contentsOf: HeadGolden.folder.appending(path: "templates.json"))
    let golden = try JSONDecoder().decode(Golden.self, from: data)
    #expect(golden.cases.count >= 50)
    for golden in golden.cases.map({
      (labels: golden.labels, template: $0.template, sentences: $0.sentences)
    }) {
      guard let sentences = golden.sentences else {
        let error = #expect(throws: SwiftletError.self, "\(golden.template)") {
          try HypothesisTemplate(golden.template)
        }
        #expect(error?.description.contains("the template \"\(golden.template)\"") == true)
        continue
      }
      let template = try HypothesisTemplate(golden.template)
      for (label, sentence) in zip(golden.labels, sentences) {
        #expect(template.hypothesis(label).unicodeScalars.elementsEqual(sentence.unicodeScalars))
      }
    }
  }

  @Test(arguments: [
    ("{!r}", "conversion"), ("{:>9}", "format"), ("{0:.2}", "format"), ("{0!a}", "conversion"),
    ("{0[0]}", "only the label"), ("{0.upper}", "only the label"), ("{", "without its }"),
    ("a } b", "without its {"), ("{{}}", "no place"), ("{} {}", "write {0}"),
  ])
  func `unsupported format fields are refused with their kind`(template: String, words: String) {
    let error = #expect(throws: SwiftletError.self) { try HypothesisTemplate(template) }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }
}
