import sys
from pathlib import Path

# The examples import the shop as an installed application; pytest's importlib mode puts no test's folder on the path.
sys.path.insert(0, str(Path(__file__).parent))
