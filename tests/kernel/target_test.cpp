#include "rectify/kernel/target.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>

#include "rectify/base/error.h"
#include "rectify/kernel/dispatch.h"

namespace rectify::kernel {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

TEST(Target, lists_the_scalar_one_last_and_uses_the_best_by_default) {
  const auto names = available_targets();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.back(), "scalar");
  set_target("auto");
  EXPECT_EQ(current_target(), names.front());
}

TEST(Target, is_the_one_that_was_forced_until_auto) {
  for (const std::string& name : available_targets()) {
    set_target(name);
    EXPECT_EQ(current_target(), name);
    EXPECT_THAT(available_targets(), Contains("scalar"));
  }
  set_target("auto");
  EXPECT_EQ(current_target(), available_targets().front());
}

TEST(Target, refuses_an_unknown_name_and_keeps_the_old_one) {
  const std::string before = current_target();
  try {
    set_target("scaler");
    FAIL() << "accepted";
  } catch (const ArgumentError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("[set_target]"), HasSubstr("\"scaler\""), HasSubstr("auto"), HasSubstr(available_targets().front()), HasSubstr("Did you mean scalar")));
  }
  EXPECT_EQ(current_target(), before);
}

/// Starts this program again with the variable set; a fresh process is the only one that reads it.
int exit_status_with_environment(const char* value, const char* test) {
  setenv("RECTIFY_TARGET", value, 1);
  const int status = std::system(("'" + testing::internal::GetArgvs().front() + "' --gtest_also_run_disabled_tests --gtest_filter=" + test + " > /dev/null 2>&1").c_str());
  unsetenv("RECTIFY_TARGET");
  return status;
}

TEST(Target, DISABLED_in_a_process_with_the_variable_is_scalar) {
  EXPECT_TRUE(detail::target_of_environment_applied);
  EXPECT_EQ(current_target(), "scalar");
}

TEST(Target, DISABLED_in_a_process_with_a_wrong_variable_is_refused_by_name) {
  EXPECT_FALSE(available_targets().empty());
  EXPECT_THROW(
      {
        try {
          current_target();
        } catch (const ArgumentError& error) {
          EXPECT_THAT(error.what(), AllOf(HasSubstr("RECTIFY_TARGET"), HasSubstr("\"pentium\""), HasSubstr("scalar")));
          throw;
        }
      },
      ArgumentError);
  set_target("scalar");
  EXPECT_EQ(current_target(), "scalar");
}

TEST(Target, obeys_the_environment_variable) {
  EXPECT_EQ(exit_status_with_environment("scalar", "Target.DISABLED_in_a_process_with_the_variable_is_scalar"), 0);
}

TEST(Target, reports_an_environment_variable_that_names_no_target) {
  EXPECT_EQ(exit_status_with_environment("pentium", "Target.DISABLED_in_a_process_with_a_wrong_variable_is_refused_by_name"), 0);
}

}  // namespace
}  // namespace rectify::kernel
