Feature: Regions stand for their ports
  As an analyst who compares markets rather than ports
  I want to ask for a region wherever I can ask for a port
  So that one question covers every port below it, however regions are nested

  Rule: Every instance lists what can be asked for

    @smoke
    Scenario: There are ports, each in a listed region
      When I GET "/ports"
      Then the status is 200
      And the list "ports" is not empty and sorted by "code"
      When I GET "/regions"
      Then the status is 200
      And the list "regions" is not empty and sorted by "slug"
      And each "region" of the ports is the "slug" of one of the regions
      And each "parent" of the regions is the "slug" of one of the regions, or null

    @smoke
    Scenario: A listed region can be asked for
      When I GET "/regions"
      And I ask for the rates between the first region of the list and itself, 2021-01-01 to 2021-01-31
      Then the rates hold 31 days, from 2021-01-31 down to 2021-01-01
      And a day has a price if and only if it counts at least 3 prices

  Rule: A region stands for all ports below it, at any depth

    These scenarios share the regions, ports and prices below:

        asia                        europe
        ├── CNSGH                   ├── NLRTM
        └── china                   ├── baltic
            ├── CNTXG               │   ├── EETLL
            └── south_china         │   └── gulf_of_finland
                ├── CNGGZ           │       └── FIHEL
                └── pearl_river     ├── iberia (without ports)
                    └── CNSZX       └── iceland
                                        └── ISREY (without prices)

    Background:
      Given these regions:
        | slug            | parent_slug |
        | asia            |             |
        | china           | asia        |
        | south_china     | china       |
        | pearl_river     | south_china |
        | europe          |             |
        | baltic          | europe      |
        | gulf_of_finland | baltic      |
        | iberia          | europe      |
        | iceland         | europe      |
      And these ports:
        | code  | parent_slug     |
        | CNSGH | asia            |
        | CNTXG | china           |
        | CNGGZ | south_china     |
        | CNSZX | pearl_river     |
        | NLRTM | europe          |
        | EETLL | baltic          |
        | FIHEL | gulf_of_finland |
        | ISREY | iceland         |
      And these prices:
        | orig_code | dest_code | day        | price |
        | CNSGH     | EETLL     | 2021-01-31 | 1000  |
        | CNTXG     | EETLL     | 2021-01-31 | 2000  |
        | CNGGZ     | EETLL     | 2021-01-31 | 3000  |
        | CNGGZ     | EETLL     | 2021-01-31 | 3300  |
        | CNSZX     | EETLL     | 2021-01-31 | 4000  |
        | CNSZX     | EETLL     | 2021-01-31 | 4100  |
        | CNSZX     | EETLL     | 2021-01-31 | 4200  |
        | CNSZX     | FIHEL     | 2021-01-31 | 5000  |
        | CNGGZ     | NLRTM     | 2021-01-31 | 700   |
        | CNGGZ     | CNSZX     | 2021-01-31 | 10    |
        | CNSZX     | CNGGZ     | 2021-01-31 | 20    |
        | CNGGZ     | CNGGZ     | 2021-01-31 | 60    |
        | CNSZX     | CNSZX     | 2021-01-31 | 110   |

    Scenario Outline: From <origin> to <destination>, <count> prices count: <why>
      When I ask for the rates from <origin> to <destination>, 2021-01-31 to 2021-01-31
      Then the rates are:
        | day        | count   | price   |
        | 2021-01-31 | <count> | <price> |

      Examples: one region and a port
        | origin      | destination     | count | price              | why                                         |
        | pearl_river | EETLL           | 3     | 4100               | the ports of the region itself              |
        | south_china | EETLL           | 5     | 3720               | and those of the region below               |
        | china       | EETLL           | 6     | 3433.3333333333335 | and those two below                         |
        | asia        | EETLL           | 7     | 3085.714285714286  | and those three below                       |
        | CNSZX       | gulf_of_finland | 1     | null               | a port counts in each region above          |
        | CNSZX       | baltic          | 4     | 4325               | the destination is nested in the same way   |
        | CNSZX       | europe          | 4     | 4325               | up to the topmost region                    |

      Examples: two regions
        | origin      | destination     | count | price              | why                                         |
        | pearl_river | gulf_of_finland | 1     | null               | too few, though both are regions            |
        | south_china | baltic          | 6     | 3933.3333333333335 | every origin with every destination         |
        | asia        | europe          | 9     | 3033.3333333333335 | all prices from one to the other            |
        | europe      | asia            | null  | null               | the way back is another lane                |
        | asia        | iberia          | null  | null               | a region without ports has no prices        |
        | iberia      | iberia          | null  | null               | not even to itself                          |
        | asia        | iceland         | null  | null               | nor has a region whose ports have none      |

      Examples: overlapping regions, and a region to itself
        | origin      | destination     | count | price              | why                                         |
        | south_china | south_china     | 4     | 50                 | between its ports, and each within itself   |
        | pearl_river | pearl_river     | 1     | null               | a port to itself is within the region too   |
        | china       | pearl_river     | 2     | null               | where regions overlap, a price counts once  |
        | south_china | pearl_river     | 2     | null               | whichever is above                          |
        | pearl_river | china           | 2     | null               | and the other way round                     |
        | asia        | south_china     | 4     | 50                 | three levels apart                          |

    Scenario Outline: A region is understood as <slug>
      When I ask for the rates from <slug> to EETLL, 2021-01-31 to 2021-01-31
      Then the rates are:
        | day        | count | price |
        | 2021-01-31 | 5     | 3720  |

      Examples: in any letter case
        | slug        |
        | SOUTH_CHINA |
        | South_China |

    Scenario: The mean is over prices, not over ports
      Given these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | ISREY     | 2021-02-01 | 100   |
        | CNSZX     | ISREY     | 2021-02-01 | 500   |
        | CNSZX     | ISREY     | 2021-02-01 | 500   |
        | CNSZX     | ISREY     | 2021-02-01 | 500   |
      When I ask for the rates from south_china to iceland, 2021-02-01 to 2021-02-01
      Then the rates are:
        | day        | count | price |
        | 2021-02-01 | 4     | 400   |

    Scenario: Port pairs with too few prices have enough together
      Given these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | ISREY     | 2021-02-01 | 100   |
        | CNSZX     | ISREY     | 2021-02-01 | 200   |
        | CNSZX     | NLRTM     | 2021-02-01 | 600   |
      When I ask for the rates from pearl_river to iceland, 2021-02-01 to 2021-02-01
      Then the rates are:
        | day        | count | price |
        | 2021-02-01 | 1     | null  |
      When I ask for the rates from south_china to europe, 2021-02-01 to 2021-02-01
      Then the rates are:
        | day        | count | price |
        | 2021-02-01 | 3     | 300   |

    Scenario: A port that moves takes its prices to its new region
      When I ask for the rates from pearl_river to EETLL, 2021-01-31 to 2021-01-31
      And these ports are changed:
        | code  | parent_slug |
        | CNSZX | asia        |
      Then the same question soon gives:
        | day        | count | price |
        | 2021-01-31 | null  | null  |
      When I ask for the rates from china to EETLL, 2021-01-31 to 2021-01-31
      Then the same question soon gives:
        | day        | count | price              |
        | 2021-01-31 | 3     | 2766.6666666666665 |
      When I ask for the rates from asia to EETLL, 2021-01-31 to 2021-01-31
      Then the same question soon gives:
        | day        | count | price             |
        | 2021-01-31 | 7     | 3085.714285714286 |

    Scenario: A region that moves takes everything below it along
      When I ask for the rates from china to EETLL, 2021-01-31 to 2021-01-31
      And these regions are changed:
        | slug        | parent_slug |
        | south_china | iberia      |
      Then the same question soon gives:
        | day        | count | price |
        | 2021-01-31 | 1     | null  |
      When I ask for the rates from iberia to EETLL, 2021-01-31 to 2021-01-31
      Then the same question soon gives:
        | day        | count | price |
        | 2021-01-31 | 5     | 3720  |
      When I ask for the rates from europe to EETLL, 2021-01-31 to 2021-01-31
      Then the same question soon gives:
        | day        | count | price |
        | 2021-01-31 | 5     | 3720  |

    Scenario: A new port counts in each region above it
      When I ask for the rates from china to iceland, 2021-01-31 to 2021-01-31
      And these ports are added:
        | code  | parent_slug |
        | CNYTN | pearl_river |
      And these prices are added:
        | orig_code | dest_code | day        | price |
        | CNYTN     | ISREY     | 2021-01-31 | 4     |
        | CNYTN     | ISREY     | 2021-01-31 | 5     |
        | CNYTN     | ISREY     | 2021-01-31 | 6     |
      Then the same question soon gives:
        | day        | count | price |
        | 2021-01-31 | 3     | 5     |

    Scenario: The lists show what can be asked for, and how it is nested
      When I GET "/ports"
      Then the list "ports" is:
        | code  | name  | region          |
        | CNGGZ | CNGGZ | south_china     |
        | CNSGH | CNSGH | asia            |
        | CNSZX | CNSZX | pearl_river     |
        | CNTXG | CNTXG | china           |
        | EETLL | EETLL | baltic          |
        | FIHEL | FIHEL | gulf_of_finland |
        | ISREY | ISREY | iceland         |
        | NLRTM | NLRTM | europe          |
      When I GET "/regions"
      Then the list "regions" is:
        | slug            | name            | parent      |
        | asia            | asia            | null        |
        | baltic          | baltic          | europe      |
        | china           | china           | asia        |
        | europe          | europe          | null        |
        | gulf_of_finland | gulf_of_finland | baltic      |
        | iberia          | iberia          | europe      |
        | iceland         | iceland         | europe      |
        | pearl_river     | pearl_river     | south_china |
        | south_china     | south_china     | china       |

  Rule: Names are shown as they were imported

    Scenario: Lists hold names in any script
      Given these regions:
        | slug        | name              | parent_slug |
        | scandinavia | Skandinavien "SE" |             |
      And these ports:
        | code  | name            | parent_slug |
        | SEGOT | Göteborg <West> | scandinavia |
        | CNSHA | 上海港 & more   | scandinavia |
      When I GET "/ports"
      Then the list "ports" is:
        | code  | name            | region      |
        | CNSHA | 上海港 & more   | scandinavia |
        | SEGOT | Göteborg <West> | scandinavia |
      When I GET "/regions"
      Then the list "regions" is:
        | slug        | name              | parent |
        | scandinavia | Skandinavien "SE" | null   |

    Scenario: An empty database has empty lists, which is not an error
      When I GET "/ports"
      Then the list "ports" is empty
      When I GET "/regions"
      Then the list "regions" is empty
