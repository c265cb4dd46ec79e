"""How good a model is: its bits a note, what it copies, and the style of the tunes it makes up."""
