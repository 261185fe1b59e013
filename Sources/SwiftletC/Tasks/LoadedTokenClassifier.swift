import CSwiftlet
import Swiftlet
import SwiftletTokenizer

/// The object of a token classifier handle: the classifier, and its labels as C strings.
final class LoadedTokenClassifier: TaskModel {
  let classifier: TokenClassifier
  let labels: LabelStrings

  init(directory: String, options: ModelOptions) throws(Failure) {
    classifier = try Failure.converting { () throws(SwiftletError) in
      try TokenClassifier(directory: directory, options: options)
    }
    labels = try LabelStrings(classifier.labels)
  }

  var maxLength: Int { classifier.maxLength }
  var tokenizer: Tokenizer { classifier.tokenizer }
  var unusedTensors: [String] { classifier.unusedTensors }
}
