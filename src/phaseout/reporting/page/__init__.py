"""The parts of the HTML report: its charts, its template and its style."""
