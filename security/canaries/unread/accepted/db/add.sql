CREATE TABLE tolls (port text);
