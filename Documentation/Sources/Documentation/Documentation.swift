// Names the modules whose documentation this package builds.
import Swiftlet
import SwiftletTokenizer
import SwiftletTraining
