"""What mypy must refuse, with the error on each line."""

import swiftlet


def mistakes(classifier: swiftlet.Classifier) -> None:
    classifier.classify(["one"], function="relu")  # error: call-overload
    classifier.classify(["one"], colour="red")  # error: call-overload
    classifier.classify([b"one"])  # error: list-item
    classifier.classify(["one"], missing="skip")  # error: call-overload
    swiftlet.Classifier("path", precision="int4")  # error: arg-type
    swiftlet.train("path", "file", "out", epoch=2)  # error: call-arg
    swiftlet.MultipleChoice("path").choose("text")  # error: call-arg
