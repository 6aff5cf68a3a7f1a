"""The job: minibatch SGD on softmax regression as a generator of events over a state that its caller owns."""
