"""What people read: the two-language catalogue of words and the manner of numbers and dates."""
