import Swiftlet
import SwiftletWeights

let classifier = try Classifier.sentiment()
let answer = try classifier.classify("A film of rare warmth, and not a minute too long.")
print(answer.label, answer.score)
