import os
os.system("make")
